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

    /// <summary>A member of an object, if it is of this kind.</summary>
    public static JsonElement? TryMember(this JsonElement element, ReadOnlySpan<byte> name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : null;
}
