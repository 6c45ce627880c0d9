using System.Text.Json;
using System.Text.Unicode;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc;

/// <summary>Tells messages apart by their members, as JSON-RPC 2.0 does it, and refuses what it does not allow.</summary>
internal static class MessageParser
{
    /// <summary>Of a message that is refused; the reader counts, it does not recurse.</summary>
    private const int MaxDepthBesideId = 1_000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <exception cref="InvalidMessageException">It is no message.</exception>
    public static JsonRpcMessage Parse(ReadOnlySpan<byte> content)
    {
        if (!Utf8.IsValid(content))
        {
            throw new InvalidMessageException(RequestId.Null, new(RpcErrorCode.ParseError, "Message isn't UTF-8."));
        }

        try
        {
            var message = JsonElement.Parse(content, Strict);
            if (content.IndexOf("\\u"u8) >= 0)
            {
                JsonText.RequireNames(message);
            }

            return Classify(message);
        }
        catch (InvalidOperationException)
        {
            throw new InvalidMessageException(
                IdOf(content),
                new(RpcErrorCode.ParseError, "The message has a name that is not valid Unicode: an unpaired surrogate.")
            );
        }
        catch (JsonException e)
        {
            throw new InvalidMessageException(
                IdOf(content),
                new(RpcErrorCode.ParseError, $"The message is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).")
            );
        }
    }

    /// <summary>False for what JSON-RPC does not allow (objects, booleans), fractions, and integers beyond 64 bits.</summary>
    public static bool TryReadId(JsonElement element, out RequestId id)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Number when element.TryGetInt64(out var number):
                id = new(number);
                return true;
            case JsonValueKind.String when JsonText.TryGet(element, out var text):
                id = new(text);
                return true;
            default:
                id = RequestId.Null;
                return element.ValueKind == JsonValueKind.Null;
        }
    }

    /// <summary>The id of a message that is refused for what else is in it, so that whoever sent it
    /// has an answer. Null where it is no JSON at all.</summary>
    private static RequestId IdOf(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = MaxDepthBesideId });
        var id = RequestId.NotSpecified;
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isId = !reader.ValueIsEscaped && reader.ValueTextEquals("id"u8);
                reader.Read();
                if (isId)
                {
                    if (id != RequestId.NotSpecified)
                    {
                        return RequestId.Null; // which of them?
                    }

                    _ = TryReadId(JsonElement.ParseValue(ref reader), out id);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (JsonException)
        {
            return RequestId.Null;
        }

        return id == RequestId.NotSpecified ? RequestId.Null : id;
    }

    private static JsonRpcMessage Classify(JsonElement message)
    {
        if (message.ValueKind == JsonValueKind.Array)
        {
            throw Bad(RequestId.Null, "Batches aren't supported. Send messages one by one.");
        }

        if (message.ValueKind != JsonValueKind.Object)
        {
            throw Bad(RequestId.Null, "A message must be a JSON object.");
        }

        var id = RequestId.NotSpecified;
        if (message.TryGetProperty("id"u8, out var idElement) && !TryReadId(idElement, out id))
        {
            throw Bad(RequestId.Null, "id must be a 64-bit integer, a string or null.");
        }

        if (
            !message.TryGetProperty("jsonrpc"u8, out var version)
            || version.ValueKind != JsonValueKind.String
            || !version.ValueEquals("2.0"u8)
        )
        {
            throw Bad(id, "jsonrpc must be \"2.0\".");
        }

        if (!message.TryGetProperty("method"u8, out var method))
        {
            return message.TryGetProperty("error"u8, out var error) ? new IncomingError(id, error)
                : message.TryGetProperty("result"u8, out var result) ? new IncomingResult(id, result)
                : throw Bad(id, "method is missing.");
        }

        return method.ValueKind == JsonValueKind.String && JsonText.TryGet(method, out var name)
            ? new IncomingRequest(id, name, ParamsOf(message, id))
            : throw Bad(id, "method must be a string.");
    }

    /// <summary>Every method takes one object. Clients that pass parameters by position send it as an array's only element.</summary>
    private static JsonElement? ParamsOf(JsonElement message, RequestId id)
    {
        if (!message.TryGetProperty("params"u8, out var element))
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            switch (element.GetArrayLength())
            {
                case 0:
                    return null;
                case 1:
                    element = element[0];
                    break;
            }
        }

        return element.ValueKind switch
        {
            JsonValueKind.Object => element,
            JsonValueKind.Null => null,
            _ => throw Bad(id, "params must be an object, or an array with one object."),
        };
    }

    private static InvalidMessageException Bad(RequestId id, string message) =>
        new(id.IsEmpty ? RequestId.Null : id, new(RpcErrorCode.InvalidRequest, message));
}
