using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RdsTunnel.Rpc;

/// <summary>What a method returns, with the way to write it without reflection.</summary>
public readonly record struct RpcResult(object? Value, JsonTypeInfo? Type)
{
    /// <summary>The result of a method that has none: JSON's <c>null</c>.</summary>
    public static RpcResult Null => default;

    internal void WriteTo(Utf8JsonWriter writer)
    {
        if (Type is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            JsonSerializer.Serialize(writer, Value, Type);
        }
    }
}
