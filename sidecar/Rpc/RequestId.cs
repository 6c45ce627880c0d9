using System.Text.Json;

namespace RdsTunnel.Rpc;

/// <summary>A request's id as the client chose it: an integer, a string, or null (the default value).</summary>
internal readonly record struct RequestId(long? Number, string? Text)
{
    /// <summary>False for what JSON-RPC does not allow (objects, booleans), fractions, and integers beyond 64 bits.</summary>
    public static bool TryParse(JsonElement element, out RequestId id)
    {
        id = default;
        switch (element.ValueKind)
        {
            case JsonValueKind.Null:
                return true;
            case JsonValueKind.Number when element.TryGetInt64(out var number):
                id = new(number, null);
                return true;
            case JsonValueKind.String when JsonText.TryGet(element, out var text):
                id = new(null, text);
                return true;
            default:
                return false;
        }
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        if (Number is { } number)
        {
            writer.WriteNumber("id"u8, number);
        }
        else
        {
            writer.WriteString("id"u8, Text);
        }
    }

    public override string ToString() => Number?.ToString(provider: null) ?? Text ?? "null";
}
