namespace RdsTunnel.Rpc;

/// <summary>The errors of the protocol itself; those of a tunnel are <see cref="Tunnels.TunnelErrorCode"/>. Names and numbers go over the
/// wire: append, never change. docs/rpc.md says when each one is sent.</summary>
public enum RpcErrorCode
{
    // JSON-RPC 2.0
    /// <summary>Not UTF-8, not JSON (a name given twice, or more than 32 levels, counts as that), or a broken header.</summary>
    ParseError = -32700,

    /// <summary>A bug of the sidecar; its log says more.</summary>
    InternalError = -32603,

    /// <summary>A parameter is missing, unknown, of the wrong type or out of range; <c>data.field</c> names it where it can.</summary>
    InvalidParams = -32602,

    /// <summary>Method not found.</summary>
    MethodNotFound = -32601,

    /// <summary>Not a request, a batch, too long, an id that is in use, or out of order.</summary>
    InvalidRequest = -32600,

    // The Language Server Protocol's, which vscode-jsonrpc and StreamJsonRpc share
    /// <summary>The request was cancelled, by <c>$/cancelRequest</c> or by the end of the connection.</summary>
    RequestCancelled = -32800,

    /// <summary>A request came before <c>initialize</c>.</summary>
    ServerNotInitialized = -32002,

    // Ours, in the range that JSON-RPC leaves to servers
    /// <summary>Too many requests at once.</summary>
    ServerBusy = -32020,

    /// <summary>Editor and sidecar speak different versions; update the older one.</summary>
    ProtocolVersionMismatch = -32021,
}
