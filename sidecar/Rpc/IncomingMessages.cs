using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc;

/// <summary>A request or notification whose parameters are read by the method that they are for.</summary>
internal sealed class IncomingRequest : JsonRpcRequest
{
    private readonly RequestId? _cancelledId;

    public IncomingRequest(RequestId id, string method, JsonElement? parameters)
    {
        RequestId = id;
        Method = method;
        Params = parameters;
    }

    private IncomingRequest(RequestId cancelledId)
        : this(RequestId.NotSpecified, RpcContract.CancelRequest, null) => _cancelledId = cancelledId;

    public JsonElement? Params { get; }

    /// <summary>As if the other side had cancelled its request.</summary>
    public static IncomingRequest Cancellation(RequestId id) => new(id);

    /// <summary>Methods of ours take the request itself (<see cref="ContractRpc.Add"/>);
    /// StreamJsonRpc's own, the cancellation, takes an id.</summary>
    public override ArgumentMatchResult TryGetTypedArguments(ReadOnlySpan<ParameterInfo> parameters, Span<object?> typedArguments)
    {
        typedArguments[0] = parameters[0].ParameterType == typeof(RequestId) ? _cancelledId ?? ReadCancelledId() : this;
        return typedArguments[0] is null ? ArgumentMatchResult.MissingArgument : ArgumentMatchResult.Success;
    }

    private RequestId? ReadCancelledId() =>
        Params is { } given && given.TryGetProperty("id"u8, out var element) && MessageParser.TryReadId(element, out var id) ? id : null;
}

/// <summary>The result of what we asked.</summary>
internal sealed class IncomingResult : JsonRpcResult
{
    private readonly JsonElement _result;

    public IncomingResult(RequestId id, JsonElement result)
    {
        RequestId = id;
        _result = result;
    }

    /// <exception cref="JsonException">It is of another shape.</exception>
    public override T GetResult<T>() =>
        typeof(T) == typeof(Nothing)
            ? (T)(object)Nothing.Instance
            : _result.Deserialize((JsonTypeInfo<T>)ContractJson.Default.GetTypeInfo(typeof(T))!) ?? throw new JsonException();
}

/// <summary>The error that what we asked ended with.</summary>
internal sealed class IncomingError : JsonRpcError
{
    public IncomingError(RequestId id, JsonElement error)
    {
        RequestId = id;
        Error = new ErrorDetail
        {
            Code =
                error.TryMember("code"u8, JsonValueKind.Number) is { } code && code.TryGetInt32(out var number)
                    ? (JsonRpcErrorCode)number
                    : JsonRpcErrorCode.InternalError,
            Message =
                error.TryMember("message"u8, JsonValueKind.String) is { } message && JsonText.TryGet(message, out var text) ? text : "",
            Data = error.TryMember("data"u8, JsonValueKind.Object) is { } data ? ReadData(data) : null,
        };
    }

    private static ErrorData? ReadData(JsonElement data) =>
        data.TryMember("code"u8, JsonValueKind.String) is { } code && JsonText.TryGet(code, out var name)
            ? new(name, data.TryMember("field"u8, JsonValueKind.String) is { } field && JsonText.TryGet(field, out var text) ? text : null)
            : null;
}
