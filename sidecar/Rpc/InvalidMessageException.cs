using StreamJsonRpc;

namespace RdsTunnel.Rpc;

/// <summary>A message that is none of JSON-RPC's. It is answered, and the next one is read.</summary>
/// <param name="id">The message's, or null where it has none that can be used.</param>
internal sealed class InvalidMessageException(RequestId id, RpcException error) : Exception(error.Message, error)
{
    public RequestId Id { get; } = id;

    public RpcException Error { get; } = error;
}
