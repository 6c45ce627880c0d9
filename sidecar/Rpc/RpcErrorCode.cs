namespace RdsTunnel.Rpc;

/// <summary>The errors of the protocol itself; those of a tunnel are <see cref="Tunnels.TunnelErrorCode"/>. Names and numbers go over the
/// wire: append, never change. docs/rpc.md says when each one is sent.</summary>
public enum RpcErrorCode
{
    // JSON-RPC 2.0
    ParseError = -32700,
    InternalError = -32603,
    InvalidParams = -32602,
    MethodNotFound = -32601,
    InvalidRequest = -32600,

    // The Language Server Protocol's, which vscode-jsonrpc and StreamJsonRpc share
    RequestCancelled = -32800,
    ServerNotInitialized = -32002,

    // Ours, in the range that JSON-RPC leaves to servers
    ServerBusy = -32020,
    ProtocolVersionMismatch = -32021,
}
