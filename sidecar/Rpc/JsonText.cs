using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RdsTunnel.Rpc;

internal static class JsonText
{
    /// <summary>The text of a JSON string; false where it is well-formed JSON but no text: half of a surrogate pair (<c>"\ud800"</c>).</summary>
    public static bool TryGet(JsonElement element, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = element.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = null;
            return false;
        }
    }
}
