using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RdsTunnel.Rpc;

/// <summary>A message to the client. It becomes bytes only when the wire is ready for it.</summary>
internal abstract class OutgoingMessage
{
    /// <param name="droppedBefore">How many messages under the same key had to go since the last one that was written.</param>
    public void WriteTo(Utf8JsonWriter writer, int droppedBefore)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        WriteMembers(writer, droppedBefore);
        writer.WriteEndObject();
    }

    protected abstract void WriteMembers(Utf8JsonWriter writer, int droppedBefore);
}

internal sealed class ResultMessage(RequestId id, RpcResult result) : OutgoingMessage
{
    protected override void WriteMembers(Utf8JsonWriter writer, int droppedBefore)
    {
        id.WriteTo(writer);
        writer.WritePropertyName("result"u8);
        result.WriteTo(writer);
    }
}

internal sealed class ErrorMessage(RequestId id, RpcException error) : OutgoingMessage
{
    protected override void WriteMembers(Utf8JsonWriter writer, int droppedBefore)
    {
        id.WriteTo(writer);
        writer.WritePropertyName("error"u8);
        JsonSerializer.Serialize(
            writer, new RpcError(error.Number, error.Message, new(error.Name, error.Field)), ContractJson.Default.RpcError);
    }
}

/// <param name="withDropped">Tells the client, in the parameters, how many were dropped before this one; null where that does not matter.</param>
internal sealed class NotificationMessage<T>(string method, T parameters, JsonTypeInfo<T> type, Func<T, int, T>? withDropped = null)
    : OutgoingMessage
{
    protected override void WriteMembers(Utf8JsonWriter writer, int droppedBefore)
    {
        writer.WriteString("method"u8, method);
        writer.WritePropertyName("params"u8);
        JsonSerializer.Serialize(writer, withDropped is null ? parameters : withDropped(parameters, droppedBefore), type);
    }
}
