using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <inheritdoc cref="ITunnels"/>
/// <param name="writers">Null where failovers are nobody's business.</param>
public sealed class TunnelManager(ISessionServices services, ITargets targets, IWriters? writers, TimeProvider time, ILoggerFactory loggers) : ITunnels
{
    private readonly ILogger _logger = loggers.CreateLogger("RdsTunnel.Tunnels");
    private readonly SessionStarts _starts = new(time, loggers.CreateLogger("RdsTunnel.Tunnels"));
    private readonly ConcurrentDictionary<string, Tunnel> _tunnels = new();
    private int _lastId;
    private volatile bool _isClosed;

    public event Action<TunnelInfo>? StateChanged;

    public async Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        TunnelRules.Require(request);
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var id = $"tunnel-{Interlocked.Increment(ref _lastId)}";
        var tunnel = new Tunnel(
            id, request, services, targets, _starts, writers?.QuestionFor(request), info => StateChanged?.Invoke(info), time, _logger);
        _tunnels[id] = tunnel;
        try
        {
            tunnel.Report();
            if (request.OpenNow)
            {
                await tunnel.OpenAsync(cancellationToken).ConfigureAwait(false);
            }

            // The end may have come in the meantime, and have looked before this tunnel was there.
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return tunnel.Info;
        }
        catch
        {
            _tunnels.TryRemove(id, out _);
            await tunnel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task WarmUpAsync(string tunnelId, CancellationToken cancellationToken) =>
        _tunnels.TryGetValue(tunnelId, out var tunnel) ? tunnel.OpenAsync(cancellationToken) : throw TunnelException.NoSuchTunnel(tunnelId);

    public async Task CloseAsync(string tunnelId, CancellationToken cancellationToken)
    {
        if (!_tunnels.TryRemove(tunnelId, out var tunnel))
        {
            throw TunnelException.NoSuchTunnel(tunnelId);
        }

        await tunnel.DisposeAsync().AsTask().WaitOrLeaveAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
    }

    public IReadOnlyList<TunnelInfo> List() => [.. _tunnels.Values.Select(tunnel => tunnel.Info).OrderBy(info => info.LocalPort)];

    public TunnelInfo? Find(string tunnelId) => _tunnels.TryGetValue(tunnelId, out var tunnel) ? tunnel.Info : null;

    /// <summary>How the data channel of a tunnel's latest session was opened; null while there is none.</summary>
    public ChannelOpening? ChannelOf(string tunnelId) => _tunnels.TryGetValue(tunnelId, out var tunnel) ? tunnel.Channel : throw TunnelException.NoSuchTunnel(tunnelId);

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        var tunnels = _tunnels.Values.ToArray();
        _tunnels.Clear();
        await Task.WhenAll(tunnels.Select(tunnel => tunnel.DisposeAsync().AsTask())).ConfigureAwait(false);
    }
}
