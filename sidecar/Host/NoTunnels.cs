using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

// In place until the tunnels are there: every request fails, and says so.
internal sealed class NoTunnels : ITunnels
{
    public event Action<TunnelInfo>? StateChanged { add { } remove { } }

    public Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken) =>
        throw new TunnelException(TunnelErrorCode.InvalidRequest, "This build cannot open tunnels yet.");

    public Task CloseAsync(string tunnelId, CancellationToken cancellationToken) =>
        throw new TunnelException(TunnelErrorCode.NotFound, $"There is no tunnel {tunnelId}.");

    public IReadOnlyList<TunnelInfo> List() => [];

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
