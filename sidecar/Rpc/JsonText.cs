using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RdsTunnel.Rpc;

internal static class JsonText
{
    /// <summary>The text of a JSON string; false where it is well-formed JSON but no text: half of
    /// a surrogate pair (<c>"\ud800"</c>).</summary>
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

    /// <summary>Well-formed JSON may have names that are no text; every look-up beside one of them would fail.</summary>
    /// <exception cref="InvalidOperationException">There is one.</exception>
    public static void RequireNames(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                _ = property.Name;
                RequireNames(property.Value);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                RequireNames(item);
            }
        }
    }

    /// <summary>Whether a list, at any depth, has a null in it: no list of the contract has.</summary>
    public static bool HasNullInList(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Null || HasNullInList(item)),
            JsonValueKind.Object => element.EnumerateObject().Any(property => HasNullInList(property.Value)),
            _ => false,
        };

    /// <summary>A member of an object, if it is of this kind.</summary>
    public static JsonElement? TryMember(this JsonElement element, ReadOnlySpan<byte> name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind == kind
            ? member
            : null;
}
