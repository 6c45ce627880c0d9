using RdsTunnel.Tunnels;

namespace RdsTunnel.Sharing;

/// <summary>A window's use of a tunnel, wherever it is held; disposing it lets go of it. Thread-safe.</summary>
internal interface ITunnelUse : IAsyncDisposable
{
    event Action<TunnelInfo>? StateChanged;

    TunnelInfo Info { get; }

    /// <summary>Completed when whoever held it is gone.</summary>
    Task Lost { get; }

    /// <summary>Opens a session.</summary>
    Task WarmUpAsync(CancellationToken cancellationToken);
}
