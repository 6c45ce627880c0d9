using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;

namespace RdsTunnel.Tunnels.Forwarding;

/// <inheritdoc cref="ITunnels"/>
public sealed class TunnelManager(ISessionServices services, ITargets targets, TimeProvider time, ILoggerFactory loggers) : ITunnels
{
    private readonly ILogger _logger = loggers.CreateLogger("RdsTunnel.Tunnels");
    private readonly ConcurrentDictionary<string, Tunnel> _tunnels = new();
    private int _lastId;
    private volatile bool _isClosed;

    public event Action<TunnelInfo>? StateChanged;

    public async Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        Validate(request);
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var id = $"tunnel-{Interlocked.Increment(ref _lastId)}";
        var tunnel = new Tunnel(id, request, services, targets, info => StateChanged?.Invoke(info), time, _logger);
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
        _tunnels.TryGetValue(tunnelId, out var tunnel) ? tunnel.OpenAsync(cancellationToken) : throw NotFound(tunnelId);

    public async Task CloseAsync(string tunnelId, CancellationToken cancellationToken)
    {
        if (!_tunnels.TryRemove(tunnelId, out var tunnel))
        {
            throw NotFound(tunnelId);
        }

        await tunnel.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public IReadOnlyList<TunnelInfo> List() => [.. _tunnels.Values.Select(tunnel => tunnel.Info).OrderBy(info => info.LocalPort)];

    /// <summary>How the data channel of a tunnel's latest session was opened; null while there is none.</summary>
    public ChannelOpening? ChannelOf(string tunnelId) => _tunnels.TryGetValue(tunnelId, out var tunnel) ? tunnel.Channel : throw NotFound(tunnelId);

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        var tunnels = _tunnels.Values.ToArray();
        _tunnels.Clear();
        await Task.WhenAll(tunnels.Select(tunnel => tunnel.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private static TunnelException NotFound(string tunnelId) =>
        new(TunnelErrorCode.NotFound, $"There is no tunnel '{tunnelId}'. It may have been closed already.");

    private static void Validate(TunnelRequest request)
    {
        Require(request.Target is null || !string.IsNullOrWhiteSpace(request.Target), "The jump host (target) is empty.");
        Require(request.Host is null || !string.IsNullOrWhiteSpace(request.Host), "The host is empty.");
        Require((request.Host ?? request.Target) is not null, "Neither a host nor a jump host (target) is named: one of them is needed.");
        Require(request.Port is > 0 and <= ushort.MaxValue, $"The port {request.Port} is not between 1 and 65535.");
        Require(request.LocalPort is >= 0 and <= ushort.MaxValue, $"The local port {request.LocalPort} is not between 0 and 65535.");
        Require(request.MaxSessions is >= 1 and <= 16, $"A tunnel holds 1 to 16 sessions, not {request.MaxSessions}.");
    }

    private static void Require(bool isTrue, string message)
    {
        if (!isTrue)
        {
            throw new TunnelException(TunnelErrorCode.InvalidRequest, message);
        }
    }
}
