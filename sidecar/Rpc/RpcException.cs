using RdsTunnel.Aws;
using RdsTunnel.Tunnels;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc;

/// <summary>A JSON-RPC error: <see cref="Number"/> is its <c>code</c>, <see cref="Name"/> and
/// <see cref="Field"/> its <c>data</c>.</summary>
public sealed class RpcException : Exception
{
    /// <param name="field">The parameter that is wrong, camelCase as on the wire.</param>
    public RpcException(RpcErrorCode code, string message, string? field = null)
        : base(message) => (Number, Name, Field) = ((int)code, code.ToString(), field);

    private RpcException(TunnelException inner)
        : base(inner.Message, inner) => (Number, Name) = (TunnelErrorNumbers.Of(inner.Code), inner.Code.ToString());

    private RpcException(string message, int number, ErrorData? data)
        : base(message) => (Number, Name, Field) = (number, data?.Code ?? RpcErrorCode.InternalError.ToString(), data?.Field);

    public int Number { get; }

    public string Name { get; }

    public string? Field { get; }

    /// <summary>The error that the contract has for an exception; null where it has none.</summary>
    internal static RpcException? From(Exception exception) =>
        exception switch
        {
            RpcException error => error,
            TunnelException error => new(error),
            AwsException error => new(new TunnelException(error)),
            _ => null,
        };

    /// <summary>What the other side answered.</summary>
    internal static RpcException From(RemoteRpcException answer) =>
        new(answer.Message, (int)(answer.ErrorCode ?? JsonRpcErrorCode.InternalError), answer.DeserializedErrorData as ErrorData);

    internal JsonRpcError.ErrorDetail ToDetail() =>
        new()
        {
            Code = (JsonRpcErrorCode)Number,
            Message = Message,
            Data = new ErrorData(Name, Field),
        };
}
