namespace RdsTunnel.Tunnels;

/// <summary>The tunnels of this process. Thread-safe. Disposing it closes every tunnel, ends every
/// session and releases every port.</summary>
public interface ITunnels : ITunnelList, IAsyncDisposable
{
    /// <summary>Listens for <paramref name="request"/>; returns when the port is bound, or, with <see cref="TunnelRequest.OpenNow"/>,
    /// when the first session is open.</summary>
    /// <exception cref="TunnelException">The port is taken, the request is invalid, or (with OpenNow) no session could be opened;
    /// nothing is left behind then.</exception>
    Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken);

    /// <summary>Opens a session of a tunnel ahead of its first connection; returns when it has one.</summary>
    /// <exception cref="TunnelException">There is no such tunnel, or no session could be opened; the tunnel stays.</exception>
    Task WarmUpAsync(string tunnelId, CancellationToken cancellationToken);

    /// <summary>Closes a tunnel: its connections are reset, its sessions ended, its port released.</summary>
    /// <exception cref="TunnelException">There is no such tunnel.</exception>
    Task CloseAsync(string tunnelId, CancellationToken cancellationToken);

    /// <summary>How many tunnels of this process other windows use: they outlive this.</summary>
    int UsedByOthers => 0;
}

/// <summary>Tunnels, and what becomes of them. Thread-safe.</summary>
public interface ITunnelList
{
    /// <summary>Each change of a tunnel's state, in order for one tunnel. Handlers must not block.</summary>
    event Action<TunnelInfo>? StateChanged;

    /// <summary>Ordered by local port.</summary>
    IReadOnlyList<TunnelInfo> List();

    /// <returns>Null when there is no such tunnel.</returns>
    TunnelInfo? Find(string tunnelId) => List().FirstOrDefault(tunnel => tunnel.Id == tunnelId);
}
