using System.Text.Json;

namespace RdsTunnel.Rpc;

/// <summary>Does what the client asks. Called by the connection's reader, one call after the other in the order of arrival; what a call
/// leaves for after its first <c>await</c> runs concurrently.</summary>
public interface IRpcTarget
{
    /// <exception cref="RpcException">Is sent as it is; any other exception becomes InternalError.</exception>
    Task<RpcResult> InvokeAsync(string method, JsonElement? parameters, CancellationToken cancellationToken);

    /// <summary>False when the client has said that the connection ends here.</summary>
    bool Notify(string method, JsonElement? parameters);
}
