using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Sharing;

/// <summary>A tunnel as one window has it: held by its own sidecar or by another's. When that one
/// is gone, another holder is found, or the port is taken here. Thread-safe.</summary>
internal sealed partial class WindowTunnel : IAsyncDisposable
{
    /// <summary>Between two looks for a port that is neither free nor shared: soon at first, since clients are refused meanwhile.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly string _id;
    private readonly TunnelRequest _request;
    private readonly ITunnelUse _first;
    private readonly Func<TunnelRequest, CancellationToken, Task<ITunnelUse>> _find;
    private readonly Action<TunnelInfo> _tell;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly Task _following;

    // Guarded by _gate.
    private ITunnelUse? _use; // null between two holders
    private TunnelInfo _last;

    /// <param name="request">As asked for, with the port that it got.</param>
    /// <param name="find">Holds the tunnel, or joins it; throws <see cref="TunnelException"/> when neither can be done now.</param>
    /// <param name="tell">Told of each change of its state, in order.</param>
    public WindowTunnel(
        string id,
        TunnelRequest request,
        ITunnelUse use,
        Func<TunnelRequest, CancellationToken, Task<ITunnelUse>> find,
        Action<TunnelInfo> tell,
        TimeProvider time,
        ILogger logger
    )
    {
        (_id, _request, _first, _find, _tell, _time, _logger) = (id, request, use, find, tell, time, logger);
        _last = use.Info;
        _following = FollowAsync();
    }

    public TunnelInfo Info
    {
        get
        {
            lock (_gate)
            {
                return AsOurs(_last = _use?.Info ?? _last);
            }
        }
    }

    /// <summary>Another window's sidecar holds it.</summary>
    public bool IsJoined
    {
        get
        {
            lock (_gate)
            {
                return _use is JoinedTunnel;
            }
        }
    }

    public Task WarmUpAsync(CancellationToken cancellationToken)
    {
        ITunnelUse? use;
        lock (_gate)
        {
            use = _use;
        }

        return use?.WarmUpAsync(cancellationToken)
            ?? throw new TunnelException(
                TunnelErrorCode.LocalPortInUse,
                $"Port 127.0.0.1:{_request.LocalPort} was lost. It is opened again as soon as it is free."
            );
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        _closing.Dispose();
        _tell(AsOurs(_last) with { State = TunnelState.Closed, Fault = null });
    }

    // Never fails.
    private async Task FollowAsync()
    {
        for (var use = _first; use is not null; use = await FindAsync().ConfigureAwait(false))
        {
            Begin(use);
            await use
                .Lost.WaitOrLeaveAsync(Timeout.InfiniteTimeSpan, _time, _closing.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await EndAsync(use).ConfigureAwait(false);
            if (_closing.IsCancellationRequested)
            {
                return;
            }

            LogHolderGone(_logger, _request.LocalPort);
        }
    }

    private void Begin(ITunnelUse use)
    {
        lock (_gate)
        {
            _use = use;
        }

        use.StateChanged += OnStateChanged;
        if (use is HeldTunnel held)
        {
            held.TellFirst();
        }
        else
        {
            OnStateChanged(use.Info);
        }
    }

    private async Task EndAsync(ITunnelUse use)
    {
        use.StateChanged -= OnStateChanged;
        lock (_gate)
        {
            _last = use.Info;
            _use = null;
        }

        try
        {
            await use.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            LogNotClosed(_logger, _request.LocalPort, e);
        }
    }

    /// <returns>Null when it is closed in the meantime.</returns>
    private async Task<ITunnelUse?> FindAsync()
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await _find(_request with { OpenNow = false }, _closing.Token).ConfigureAwait(false);
            }
            catch (Exception) when (_closing.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception e)
            {
                OnNotFound(
                    e is TunnelException known
                        ? new(known.Code, known.Message)
                        : new(TunnelErrorCode.InternalError, $"{SafeText.Describe(e)}.")
                );
            }

            await Task.Delay(pause, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void OnNotFound(TunnelFault fault)
    {
        lock (_gate)
        {
            if (_last.Fault == fault)
            {
                return;
            }

            _last = _last with { State = TunnelState.Faulted, Fault = fault, Windows = 1 };
        }

        LogLost(_logger, _request.LocalPort, fault.Message);
        _tell(AsOurs(_last));
    }

    // What ends for its holder goes on here.
    private void OnStateChanged(TunnelInfo info)
    {
        if (info.State != TunnelState.Closed)
        {
            _tell(AsOurs(info));
        }
    }

    private TunnelInfo AsOurs(TunnelInfo info) => info with { Id = _id, Request = _request };

    [LoggerMessage(610, LogLevel.Information, "The window that held the tunnel on port {Port} has closed; taking it over")]
    private static partial void LogHolderGone(ILogger logger, int port);

    [LoggerMessage(611, LogLevel.Warning, "The tunnel on port {Port} could not be taken over: {Reason}")]
    private static partial void LogLost(ILogger logger, int port, string reason);

    [LoggerMessage(612, LogLevel.Error, "The tunnel on port {Port} did not close cleanly")]
    private static partial void LogNotClosed(ILogger logger, int port, Exception exception);
}
