using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Sharing;

/// <summary>The tunnels of one window, of which some may be held by other windows' sidecars.
/// Thread-safe. Disposing it lets go of all that the window has; what other
/// windows use of this process goes on until <see cref="Unused"/>.</summary>
public sealed partial class SharedTunnels : ITunnels
{
    /// <summary>How often a port that is in use is tried: its holder may be about to go, or not ready to share yet.</summary>
    private const int Attempts = 4;

    /// <summary>Tunnels of others that are looked at for one that would do.</summary>
    private const int MaxLooks = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    /// <summary>Between two looks whether a tunnel has become idle. Nobody waits for it.</summary>
    private static readonly TimeSpan HandOverPause = TimeSpan.FromSeconds(1);

    private readonly ITunnels _own;
    private readonly MeetingPlace? _place;
    private readonly SharingIdentity _identity;
    private readonly MfaQuestion _askWindow;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly ILogger<SidecarClient> _clientLogger;
    private readonly ConcurrentDictionary<string, WindowTunnel> _window = new();
    private readonly ConcurrentDictionary<string, HeldTunnel> _held = new();
    private readonly Lock _gate = new();
    private Task _helping = Task.CompletedTask; // guarded by _gate
    private int _lastId;
    private volatile bool _isClosed;

    /// <param name="own">What this process holds. Whoever made it disposes of it, after <see cref="StopAsync"/>.</param>
    /// <param name="place">Null to share nothing.</param>
    public SharedTunnels(
        ITunnels own,
        MeetingPlace? place,
        SharingIdentity identity,
        MfaQuestion askWindow,
        TimeProvider time,
        ILoggerFactory loggers
    )
    {
        (_own, _place, _identity, _askWindow, _time, _loggers) = (own, place, identity, askWindow, time, loggers);
        _logger = loggers.CreateLogger<SharedTunnels>();
        _clientLogger = loggers.CreateLogger<SidecarClient>();
        own.StateChanged += OnStateChanged;
    }

    public event Action<TunnelInfo>? StateChanged;

    /// <summary>How many tunnels of this process other windows use.</summary>
    public int UsedByOthers => _held.Values.Count(held => held.IsUsedByOthers);

    /// <summary>After the window is gone: completed when no other window uses a tunnel of this process any more.</summary>
    public Task Unused => Task.WhenAll(_held.Values.Select(held => held.Closed));

    /// <summary>Another window that uses a tunnel of this process, and can be asked what ours cannot.</summary>
    public JsonRpcConnection? Peer => _held.Values.Select(held => held.Peer).FirstOrDefault(peer => peer is not null);

    public async Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var use = await FindAsync(request with { OpenNow = false }, cancellationToken).ConfigureAwait(false);
        var id = $"tunnel-{Interlocked.Increment(ref _lastId)}";
        var tunnel = new WindowTunnel(
            id,
            request with
            {
                LocalPort = use.Info.LocalPort,
            },
            use,
            FindAsync,
            info => StateChanged?.Invoke(info),
            _time,
            _logger
        );
        _window[id] = tunnel;
        try
        {
            if (request.OpenNow)
            {
                await OpenNowAsync(tunnel, cancellationToken).ConfigureAwait(false);
            }

            // The end may have come in the meantime, and have looked before this tunnel was there.
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return tunnel.Info;
        }
        catch
        {
            _window.TryRemove(id, out _);
            await tunnel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // An approval may take longer than anybody waits for an answer: the tunnel is there, and its state says what it waits for.
    private async Task OpenNowAsync(WindowTunnel tunnel, CancellationToken cancellationToken)
    {
        try
        {
            await tunnel.WarmUpAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TunnelException e) when (e.Code == TunnelErrorCode.AccessPending)
        {
            LogWaits(_logger, tunnel.Info.LocalPort, e.Message);
        }
        catch (RpcException e) when (e.Name == TunnelErrorCode.AccessPending.ToString())
        {
            LogWaits(_logger, tunnel.Info.LocalPort, e.Message);
        }
    }

    public Task WarmUpAsync(string tunnelId, CancellationToken cancellationToken) =>
        _window.TryGetValue(tunnelId, out var tunnel)
            ? tunnel.WarmUpAsync(cancellationToken)
            : throw TunnelException.NoSuchTunnel(tunnelId);

    public async Task CloseAsync(string tunnelId, CancellationToken cancellationToken)
    {
        if (!_window.TryRemove(tunnelId, out var tunnel))
        {
            throw TunnelException.NoSuchTunnel(tunnelId);
        }

        await tunnel.DisposeAsync().AsTask().WaitOrLeaveAsync(Timeout.InfiniteTimeSpan, _time, cancellationToken).ConfigureAwait(false);
    }

    public IReadOnlyList<TunnelInfo> List() => [.. _window.Values.Select(tunnel => tunnel.Info).OrderBy(info => info.LocalPort)];

    /// <summary>A person has signed in, or chosen a jump host, at this window: tunnels of other
    /// sidecars that wait for that go on.</summary>
    public void OnPersonHelped()
    {
        foreach (
            var tunnel in _window.Values.Where(tunnel =>
                tunnel.IsJoined && tunnel.Info.State is TunnelState.NeedsSignIn or TunnelState.NeedsJumpHost
            )
        )
        {
            lock (_gate)
            {
                _helping = Task.WhenAll(_helping, HelpAsync(tunnel));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        var tunnels = _window.Values.ToArray();
        _window.Clear();
        await Task.WhenAll(tunnels.Select(tunnel => tunnel.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    /// <summary>After the window is gone: gives each tunnel to the windows that use it as soon as
    /// no connection runs through it. Ends when none is left here.</summary>
    public async Task HandOverAsync(CancellationToken cancellationToken)
    {
        while (!Unused.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll(_held.Values.Where(held => held.IsIdle).Select(held => held.CloseDoorAsync())).ConfigureAwait(false);
            await Unused.WaitAsync(HandOverPause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Sends the other windows away, which take over what they use.</summary>
    public Task StopAsync() => Task.WhenAll(_held.Values.Select(held => held.CloseDoorAsync()));

    // Never fails; the tunnel's state says what it came to.
    private async Task HelpAsync(WindowTunnel tunnel)
    {
        await Task.Yield();
        try
        {
            await tunnel.WarmUpAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            LogNotHelped(_logger, e);
        }
    }

    /// <exception cref="TunnelException">The port is in use, and is not shared with us.</exception>
    private async Task<ITunnelUse> FindAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        if (request.LocalPort == 0 && await FindElsewhereAsync(request, cancellationToken).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Hold(await _own.OpenAsync(request, cancellationToken).ConfigureAwait(false));
            }
            catch (TunnelException e) when (e.Code == TunnelErrorCode.LocalPortInUse && _place is not null)
            {
                if (await JoinAsync(request, cancellationToken).ConfigureAwait(false) is { } joined)
                {
                    return joined;
                }

                if (attempt == Attempts)
                {
                    throw;
                }
            }

            await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private HeldTunnel Hold(TunnelInfo opened)
    {
        var tunnel = new HeldTunnel(
            _own,
            opened,
            held => _place is null ? null : new SharingDoor(_place, held, opened.LocalPort, _identity, _time, _loggers)
        );
        _held[opened.Id] = tunnel;
        return tunnel;
    }

    private async Task<ITunnelUse?> JoinAsync(TunnelRequest request, CancellationToken cancellationToken) =>
        await _place!.ConnectAsync(request.LocalPort, cancellationToken).ConfigureAwait(false) is { } pipe
            ? await JoinedTunnel
                .JoinAsync(pipe, request, _identity, _askWindow, _time, _clientLogger, cancellationToken)
                .ConfigureAwait(false)
            : null;

    // Any port would do: the one on which another window has this tunnel, say.
    private async Task<ITunnelUse?> FindElsewhereAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        foreach (var port in PortsOfOthers())
        {
            try
            {
                if (await JoinAsync(request with { LocalPort = port }, cancellationToken).ConfigureAwait(false) is { } joined)
                {
                    return joined;
                }
            }
            catch (TunnelException)
            {
                // Another tunnel.
            }
        }

        return null;
    }

    private IEnumerable<int> PortsOfOthers()
    {
        try
        {
            var ours = List().Select(info => info.LocalPort);
            return _place is null ? [] : _place.Ports().Except(ours).Take(MaxLooks);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private void OnStateChanged(TunnelInfo info)
    {
        if (_held.TryGetValue(info.Id, out var held))
        {
            held.Tell(info);
            if (info.State == TunnelState.Closed)
            {
                _held.TryRemove(info.Id, out _);
            }
        }
    }

    [LoggerMessage(621, LogLevel.Debug, "The tunnel on {LocalPort} is open, but not its session: {Reason}")]
    private static partial void LogWaits(ILogger logger, int localPort, string reason);

    [LoggerMessage(620, LogLevel.Debug, "Another window's tunnel can't continue yet")]
    private static partial void LogNotHelped(ILogger logger, Exception exception);
}
