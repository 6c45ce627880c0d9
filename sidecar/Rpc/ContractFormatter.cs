using System.Buffers;
using System.Text;
using System.Text.Json;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc;

/// <summary>Messages as JSON, by the serializer's generated code alone: StreamJsonRpc's own formatters use reflection.</summary>
internal sealed class ContractFormatter : IJsonRpcMessageTextFormatter
{
    public Encoding Encoding
    {
        get => Encoding.UTF8;
        set => throw new NotSupportedException("JSON-RPC is UTF-8 here.");
    }

    public JsonRpcMessage Deserialize(ReadOnlySequence<byte> contentBuffer) => MessageParser.Parse(contentBuffer.ToArray());

    public JsonRpcMessage Deserialize(ReadOnlySequence<byte> contentBuffer, Encoding encoding) => Deserialize(contentBuffer);

    public void Serialize(IBufferWriter<byte> bufferWriter, JsonRpcMessage message)
    {
        using var writer = new Utf8JsonWriter(bufferWriter);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        switch (message)
        {
            case JsonRpcRequest request:
                WriteRequest(writer, request);
                break;
            case JsonRpcResult result:
                WriteId(writer, result.RequestId);
                writer.WritePropertyName("result"u8);
                WriteValue(writer, result.Result);
                break;
            case JsonRpcError { Error: { } error } failure:
                WriteId(writer, failure.RequestId);
                writer.WritePropertyName("error"u8);
                JsonSerializer.Serialize(
                    writer,
                    new RpcError((int)error.Code, error.Message!, (ErrorData)error.Data!),
                    ContractJson.Default.RpcError
                );
                break;
            default:
                throw new NotSupportedException($"A message of the kind {message.GetType().Name} can't be written.");
        }

        writer.WriteEndObject();
    }

    [Obsolete("StreamJsonRpc asks for it no more.")]
    public object GetJsonText(JsonRpcMessage message) => throw new NotSupportedException();

    private static void WriteRequest(Utf8JsonWriter writer, JsonRpcRequest request)
    {
        if (!request.RequestId.IsEmpty)
        {
            WriteId(writer, request.RequestId);
        }

        writer.WriteString("method"u8, request.Method);
        if (request.NamedArguments is { } cancellation)
        {
            // StreamJsonRpc's own $/cancelRequest; all else has one record.
            writer.WriteStartObject("params"u8);
            WriteId(writer, (RequestId)cancellation["id"]!);
            writer.WriteEndObject();
        }
        else if (request.Arguments is { } parameters and not Nothing)
        {
            writer.WritePropertyName("params"u8);
            WriteValue(writer, parameters);
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        if (value is null or Nothing)
        {
            writer.WriteNullValue();
        }
        else
        {
            JsonSerializer.Serialize(writer, value, ContractJson.Default.GetTypeInfo(value.GetType())!);
        }
    }

    private static void WriteId(Utf8JsonWriter writer, RequestId id)
    {
        if (id.Number is { } number)
        {
            writer.WriteNumber("id"u8, number);
        }
        else
        {
            writer.WriteString("id"u8, id.String); // null where there is none
        }
    }
}
