using System.Text.Json;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Reads values out of an answer in JSON. What is not there, or is not what it should be, is null.</summary>
internal static class JsonFields
{
    /// <summary>The text at a path; null when there is none, or an empty one.</summary>
    public static string? Text(JsonElement item, params ReadOnlySpan<string> path)
    {
        try
        {
            return At(item, path) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null; // bytes that are no UTF-8, or half of a surrogate pair
        }
    }

    public static bool Has(JsonElement item, string name) => At(item, [name]) is not null;

    public static double? Number(JsonElement item, params ReadOnlySpan<string> path) =>
        At(item, path) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) ? number : null;

    /// <summary>A TCP port.</summary>
    public static int? Port(JsonElement item, params ReadOnlySpan<string> path) =>
        At(item, path) is { ValueKind: JsonValueKind.Number } value
        && value.TryGetInt32(out var number)
        && number is > 0 and <= ushort.MaxValue
            ? number
            : null;

    public static bool? Flag(JsonElement item, params ReadOnlySpan<string> path) =>
        At(item, path)?.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    /// <summary>The items of a list.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement item, params ReadOnlySpan<string> path) =>
        At(item, path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The texts of a list.</summary>
    public static string[] Texts(JsonElement item, params ReadOnlySpan<string> path) =>
        [.. Items(item, path).Select(each => Text(each)).OfType<string>()];

    private static JsonElement? At(JsonElement item, ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (item.ValueKind != JsonValueKind.Object || !TryGetProperty(item, name, out item))
            {
                return null;
            }
        }

        return item;
    }

    private static bool TryGetProperty(JsonElement item, string name, out JsonElement value)
    {
        try
        {
            return item.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            value = default; // another property's name is half of a surrogate pair
            return false;
        }
    }
}
