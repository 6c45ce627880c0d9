using RdsTunnel.Faults;

namespace RdsTunnel.Aws.Configuration;

/// <summary>How an error tells of a name that leads nowhere.</summary>
internal static class NameText
{
    private const int MaxChars = 128;

    /// <summary>In quotation marks. What looks like a secret is what belongs into another line, and is left out.</summary>
    public static string Quoted(string name) =>
        name.Length > MaxChars || ForeignText.HasSecret(name) ? "(hidden because it may be a secret)" : $"\"{name}\"";
}
