using RdsTunnel.Faults;

namespace RdsTunnel.Agents;

/// <summary>What agents say, fit for people, logs and the session history.</summary>
public static class AgentText
{
    /// <summary>With the prefix it fits into the 256 characters of StartSession.</summary>
    public const int MaxReasonChars = 200;

    private const int MaxClientChars = 60;

    /// <summary>Empty when nothing readable is left.</summary>
    public static string Reason(string? text) => ForeignText.Quote(text, maxChars: MaxReasonChars);

    /// <summary>The template of a session's reason. What the agent wrote is no template: it must
    /// not look up the user's name, say.</summary>
    public static string SessionReason(string prefix, string reason) =>
        $"{prefix}: {reason.Replace("${", "$ {", StringComparison.Ordinal)}";

    /// <summary>A client as it calls itself.</summary>
    public static string Client(string? name, string? version)
    {
        var clean = ForeignText.Quote($"{name} {version}", maxChars: MaxClientChars);
        return clean.Length > 0 ? clean : "unknown client";
    }
}
