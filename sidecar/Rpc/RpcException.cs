using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>Becomes a JSON-RPC error: <see cref="Number"/> is its <c>code</c>, <see cref="Name"/> and <see cref="Field"/> its <c>data</c>.</summary>
public sealed class RpcException : Exception
{
    /// <param name="field">The parameter that is wrong, camelCase as on the wire.</param>
    public RpcException(RpcErrorCode code, string message, string? field = null)
        : base(message) => (Number, Name, Field) = ((int)code, code.ToString(), field);

    public RpcException(TunnelException inner)
        : base(inner.Message, inner) => (Number, Name) = (TunnelErrorNumbers.Of(inner.Code), inner.Code.ToString());

    public int Number { get; }

    public string Name { get; }

    public string? Field { get; }
}
