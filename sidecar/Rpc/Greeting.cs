namespace RdsTunnel.Rpc;

/// <summary>The answer to <c>initialize</c>.</summary>
public static class Greeting
{
    /// <exception cref="RpcException">The other side speaks another version of the protocol.</exception>
    public static InitializeResult Answer(InitializeParams parameters, string version) =>
        parameters.ProtocolVersion == RpcContract.ProtocolVersion
            ? new(
                new("rds-tunnel", version),
                RpcContract.ProtocolVersion,
                new(MessageReader.MaxMessageBytes, JsonRpcConnection.MaxConcurrentRequests)
            )
            : throw new RpcException(
                RpcErrorCode.ProtocolVersionMismatch,
                $"Protocol version mismatch: client {parameters.ProtocolVersion}, sidecar {RpcContract.ProtocolVersion} (RDS Tunnel {version}). "
                    + "Update the older one.",
                "protocolVersion"
            );
}
