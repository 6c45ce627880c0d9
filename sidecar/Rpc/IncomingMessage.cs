using System.Text.Json;
using System.Text.Unicode;

namespace RdsTunnel.Rpc;

/// <summary>One message of the client, told apart by its members as JSON-RPC 2.0 does it.</summary>
internal abstract record IncomingMessage
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    public sealed record Request(RequestId Id, string Method, JsonElement? Params) : IncomingMessage;

    public sealed record Notification(string Method, JsonElement? Params) : IncomingMessage;

    /// <summary>An answer. We ask the client nothing, so it answers an error that we sent without an id, or nothing.</summary>
    public sealed record Response : IncomingMessage;

    public sealed record Invalid(RequestId Id, RpcException Error) : IncomingMessage;

    public static IncomingMessage Parse(ReadOnlySpan<byte> content)
    {
        if (!Utf8.IsValid(content))
        {
            return new Invalid(default, new(RpcErrorCode.ParseError, "The message is not UTF-8."));
        }

        try
        {
            return Classify(JsonElement.Parse(content, Strict));
        }
        catch (JsonException e)
        {
            return new Invalid(default, new(RpcErrorCode.ParseError, $"The message is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})."));
        }
    }

    private static IncomingMessage Classify(JsonElement message)
    {
        if (message.ValueKind == JsonValueKind.Array)
        {
            return Bad(default, "Batches are not supported: send the messages one by one.");
        }

        if (message.ValueKind != JsonValueKind.Object)
        {
            return Bad(default, "A message is a JSON object.");
        }

        RequestId id = default;
        var hasId = message.TryGetProperty("id"u8, out var idElement);
        if (hasId && !RequestId.TryParse(idElement, out id))
        {
            return Bad(default, "id is an integer of at most 64 bits, a string or null.");
        }

        if (!message.TryGetProperty("jsonrpc"u8, out var version)
            || version.ValueKind != JsonValueKind.String || !version.ValueEquals("2.0"u8))
        {
            return Bad(id, "jsonrpc is \"2.0\".");
        }

        if (!message.TryGetProperty("method"u8, out var methodElement))
        {
            return message.TryGetProperty("result"u8, out _) || message.TryGetProperty("error"u8, out _)
                ? new Response()
                : Bad(id, "method is missing.");
        }

        if (methodElement.ValueKind != JsonValueKind.String || !JsonText.TryGet(methodElement, out var method))
        {
            return Bad(id, "method is a string.");
        }

        if (!TryGetParams(message, out var parameters))
        {
            return Bad(id, "params is an object, or an array with that object alone.");
        }

        return hasId ? new Request(id, method, parameters) : new Notification(method, parameters);
    }

    /// <summary>Every method takes one object. Clients that pass parameters by position send it as an array's only element.</summary>
    private static bool TryGetParams(JsonElement message, out JsonElement? parameters)
    {
        parameters = null;
        if (!message.TryGetProperty("params"u8, out var element))
        {
            return true;
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            if (element.GetArrayLength() == 0)
            {
                return true;
            }

            if (element.GetArrayLength() > 1)
            {
                return false;
            }

            element = element[0];
        }

        parameters = element.ValueKind == JsonValueKind.Object ? element : null;
        return element.ValueKind is JsonValueKind.Object or JsonValueKind.Null;
    }

    private static Invalid Bad(RequestId id, string message) => new(id, new(RpcErrorCode.InvalidRequest, message));
}
