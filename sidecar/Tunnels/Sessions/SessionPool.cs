using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.DataChannels;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels.Measures;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>The sessions of one tunnel. Thread-safe.</summary>
/// <remarks>
/// A connection starts at once on the least loaded open session; it waits for another one only when
/// all have lost messages to wait for. Since a session downloads at the agent's
/// pace however many connections share it, one more is opened for the next connection when all of them carry a transfer, and is let go
/// when it is not needed any more.
/// </remarks>
internal sealed class SessionPool : IAsyncDisposable
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a session that is not needed stays, a minute, so that a tool that reconnects at intervals finds it.</summary>
    private const int IdleExtraSamples = 60;

    /// <summary>How long the end waits for a StartSession that is under way, so that its session can be ended too.</summary>
    private static readonly TimeSpan StartGrace = TimeSpan.FromSeconds(1);

    private readonly Func<CancellationToken, CancellationToken, Task<PortSession>> _open;
    private readonly int _maxSessions;
    private readonly TunnelMeasures _measures;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly ITimer _sampling;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly List<PortSession> _sessions = [];
    private readonly Dictionary<PortSession, Task> _watching = [];
    private TaskCompletionSource _changed = NewSignal();
    private Task<Exception?>? _opening;
    private PastSessions _past;
    private bool _isClosed;

    /// <param name="open">As <see cref="PortSession.OpenAsync"/>: the first token ends the wait, the second everything.</param>
    public SessionPool(
        Func<CancellationToken, CancellationToken, Task<PortSession>> open,
        int maxSessions,
        TunnelMeasures measures,
        TimeProvider time,
        ILogger logger
    )
    {
        _open = open;
        _maxSessions = maxSessions;
        _measures = measures;
        _time = time;
        _logger = logger;
        _sampling = time.CreateTimer(
            static pool => ((SessionPool)pool!).OnSample(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>Something that <see cref="Snapshot"/> shows has changed.</summary>
    public event Action? Changed;

    /// <summary>The agent of a session could not connect to the target.</summary>
    public event Action<PortSession>? ConnectToPortFailed;

    /// <summary>A session that had lost its link is open again.</summary>
    public event Action? SessionResumed;

    /// <summary>A session has ended, and nobody had asked for it.</summary>
    public event Action<PortSession, Exception>? SessionLost;

    public PoolSnapshot Snapshot()
    {
        lock (_gate)
        {
            var statistics = _sessions.ConvertAll(session => session.Statistics);
            return new PoolSnapshot(
                IsOpening: _opening is not null,
                IsOpen: Staying.Any(session => session.State == DataChannelState.Open),
                IsReconnecting: Staying.Any(session => session.State == DataChannelState.Reconnecting),
                ResumeFailure: _sessions.Select(session => session.ResumeFailure).FirstOrDefault(failure => failure is not null),
                Channel: _sessions is [.., var latest] ? latest.ChannelOpening : null,
                Sessions: _sessions.Count,
                SessionsTotal: _past.Sessions + _sessions.Count,
                RoundTripTime: statistics.Max(each => each.RoundTripTime),
                Retransmissions: _past.Retransmissions + statistics.Sum(each => each.Retransmissions),
                Resumes: _past.Resumes + statistics.Sum(each => each.Resumes)
            );
        }
    }

    /// <summary>A connection to the target, on a session that is open or will be.</summary>
    /// <param name="isThere">Asked after a wait: whether the client is still there. None is dialled for one that is not.</param>
    /// <exception cref="OperationCanceledException">The client is gone, or the wait was cancelled.</exception>
    /// <exception cref="Exception">No session is open, and none could be opened: what
    /// <see cref="PortSession.OpenAsync"/> throws.</exception>
    public async Task<PortConnection> ConnectAsync(Func<bool> isThere, CancellationToken cancellationToken)
    {
        Task<Exception?>? opening = null;
        var hasHurried = false;
        var takesAny = false; // it has waited too long for a session without lost messages
        while (true)
        {
            // It has waited; in the last moment it may have gone.
            if (hasHurried && !isThere())
            {
                throw new OperationCanceledException("The client disconnected.");
            }

            Task changed;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                var session = LeastLoaded();
                if (session is { MayBeRepairing: true } && !takesAny)
                {
                    opening ??= OpenWhenUseful();
                    session = opening is null ? session : null;
                }

                if (session?.TryConnect() is { } connection)
                {
                    return connection;
                }

                changed = _changed.Task;
                // The one that this connection has waited for is not replaced before its outcome is known: a failure would be passed over.
                opening ??= OpenWhenUseful();
            }

            // Once: each attempt that fails is a change, too, and the next would follow it without a wait.
            if (!hasHurried)
            {
                hasHurried = true;
                Hurry();
            }

            if (opening is null)
            {
                await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (await Task.WhenAny(opening, changed).WaitAsync(cancellationToken).ConfigureAwait(false) == opening)
            {
                if (await opening.ConfigureAwait(false) is { } failure)
                {
                    takesAny = true;
                    // If one is left, its messages were lost, or its agent has been silent, or its
                    // link is known to be dead by now: then it is the network, and it will be
                    // resumed. Until then each attempt waits longer (SharedAttempts).
                    if (!HasConnectable() && (!IsUnreachable(failure) || !HasSession()))
                    {
                        throw failure;
                    }
                }

                opening = null;
            }
        }
    }

    /// <summary>Opens a session unless one is open or being opened; returns when one is open.</summary>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        Task<Exception?>? opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            opening = Serving.Any() ? null : Open();
        }

        if (opening is not null && await opening.WaitAsync(cancellationToken).ConfigureAwait(false) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Ends every session, in order if the network allows.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        await _sampling.DisposeAsync().ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        Task? opening;
        lock (_gate)
        {
            opening = _opening;
        }

        if (opening is not null)
        {
            await using var grace = _time.CreateTimer(
                static abort => ((CancellationTokenSource)abort!).Cancel(),
                _abort,
                StartGrace,
                Timeout.InfiniteTimeSpan
            );
            await opening.ConfigureAwait(false);
        }

        Task[] watching;
        lock (_gate)
        {
            watching = [.. _watching.Values];
        }

        await Task.WhenAll(watching).ConfigureAwait(false);
        Signal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under _gate. A session whose local readers are slow, or whose messages were lost, comes last: what is opened there would wait.
    private PortSession? LeastLoaded() =>
        _sessions
            .Where(session => session.CanConnect)
            .OrderBy(session => session.MayBeRepairing)
            .ThenBy(session => session.IsCongested)
            .ThenBy(session => session.IsBusy)
            .ThenBy(session => session.Connections)
            .FirstOrDefault();

    // Under _gate. While the network is away, another session could not be opened either.
    private Task<Exception?>? OpenWhenUseful() =>
        Serving.Count() >= _maxSessions || Staying.Any(session => session.State == DataChannelState.Reconnecting) ? _opening : Open();

    // Under _gate. One that only waits for the end of its connections is none of those that may be open.
    private IEnumerable<PortSession> Staying => _sessions.Where(session => !session.IsLeaving);

    // Under _gate. A session whose agent is silent keeps its connections, for five minutes at most, and another one takes its place.
    private IEnumerable<PortSession> Serving => Staying.Where(session => !session.IsSilent);

    /// <summary>Takes a session out of use, because its jump host does not lead to the target.</summary>
    public void Leave(PortSession session)
    {
        lock (_gate)
        {
            session.Leave();
        }
    }

    /// <summary>Somebody waits, or has just signed in: sessions that put off their next attempt to reconnect make it now.</summary>
    public void Hurry()
    {
        PortSession[] sessions;
        lock (_gate)
        {
            sessions = [.. _sessions];
        }

        Array.ForEach(sessions, session => session.Hurry());
    }

    // Under _gate.
    private Task<Exception?> Open() => _opening ??= OpenAsync();

    private async Task<Exception?> OpenAsync()
    {
        await Task.Yield();
        Signal();
        var started = _time.GetTimestamp();
        try
        {
            var session = await Spans.OpenSessionAsync(_measures.Tunnel, () => _open(_closing.Token, _abort.Token)).ConfigureAwait(false);
            _measures.OnSessionStarted(_time.GetElapsedTime(started));
            TunnelLog.SessionOpened(_logger, session.Id);
            session.StateChanged += OnStateChanged;
            session.ConnectToPortFailed += () => ConnectToPortFailed?.Invoke(session);
            lock (_gate)
            {
                _opening = null;
                _sessions.Add(session);
                _watching.Add(session, WatchAsync(session));
            }

            _sampling.Change(SampleInterval, SampleInterval);
            return null;
        }
        catch (Exception e)
        {
            TunnelLog.SessionFailed(_logger, SafeText.Describe(e));
            if (!_closing.IsCancellationRequested)
            {
                _measures.OnSessionFailed(TunnelFaults.From(e).Code);
            }

            lock (_gate)
            {
                _opening = null;
            }

            return e;
        }
        finally
        {
            Signal();
        }
    }

    private void OnStateChanged(DataChannelStateChange change)
    {
        Signal();
        if (change.State == DataChannelState.Open)
        {
            SessionResumed?.Invoke();
        }
    }

    // Ends a session that has ended by itself, or that the pool's end found too late.
    private async Task WatchAsync(PortSession session)
    {
        await Task.Yield();
        var ended = await Task.WhenAny(session.Completion, Task.Delay(Timeout.InfiniteTimeSpan, _time, _closing.Token))
            .ConfigureAwait(false);
        if (ended.IsFaulted && !session.IsRetired)
        {
            var cause = ended.Exception.InnerException!;
            TunnelLog.SessionLost(_logger, session.Id, SafeText.Describe(cause));
            _measures.OnSessionLost(TunnelFaults.From(cause).Code);
            SessionLost?.Invoke(session, cause);
        }

        await session.DisposeAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _sessions.Remove(session);
            _watching.Remove(session);
            _past = _past.With(session.Statistics);
        }

        Signal();
    }

    private void OnSample()
    {
        var isBack = false;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            foreach (var session in _sessions)
            {
                switch (session.Sample())
                {
                    case AgentChange.FellSilent:
                        TunnelLog.AgentSilent(_logger, session.Id);
                        break;
                    case AgentChange.IsBack:
                        isBack = true;
                        break;
                }
            }

            // A silent one goes when another has taken its place. Until then nothing is gained: a
            // computer that was paused finds all of them silent for a moment.
            var isReplaced = Serving.Any();
            foreach (
                var gone in _sessions.Where(session =>
                    session is { IsRetired: false, Connections: 0 } && (session.IsLeaving || (session.IsSilent && isReplaced))
                )
            )
            {
                TunnelLog.SessionLetGo(_logger, gone.Id);
                gone.Retire();
            }

            var staying = Serving.ToList();
            var isMoreUseful =
                staying.Count > 0 && staying.Count < _maxSessions && staying.TrueForAll(session => session.IsBusy || session.IsCongested);
            if (isMoreUseful)
            {
                _opening ??= OpenAsync();
            }
            else if (
                staying.Find(session => session.IdleSamples >= IdleExtraSamples) is { } extra
                && staying.Exists(other => other != extra && !other.IsBusy && !other.IsCongested)
            )
            {
                // Without it the next connection still finds a session that carries no transfer.
                TunnelLog.SessionLetGo(_logger, extra.Id);
                extra.Retire();
            }

            if (_sessions.Count == 0)
            {
                _sampling.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        if (isBack)
        {
            Signal();
        }
    }

    private bool HasSession()
    {
        lock (_gate)
        {
            return Staying.Any(session => !session.Completion.IsCompleted);
        }
    }

    private bool HasConnectable()
    {
        lock (_gate)
        {
            return LeastLoaded() is not null;
        }
    }

    private static bool IsUnreachable(Exception failure) =>
        failure is AwsException { Code: AwsErrorCode.Unreachable } or DataChannelException { Error: DataChannelError.Unreachable };

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.TrySetResult();
        Changed?.Invoke();
    }

    private readonly record struct PastSessions(long Sessions, long Retransmissions, long Resumes)
    {
        public PastSessions With(DataChannelStatistics last) =>
            new(Sessions + 1, Retransmissions + last.Retransmissions, Resumes + last.Resumes);
    }
}

/// <summary>The sessions of a tunnel at one moment; the counters are over all that it has had.</summary>
/// <param name="ResumeFailure">Why the last attempt of a session that is reconnecting failed.</param>
internal sealed record PoolSnapshot(
    bool IsOpening,
    bool IsOpen,
    bool IsReconnecting,
    Exception? ResumeFailure,
    ChannelOpening? Channel,
    int Sessions,
    long SessionsTotal,
    TimeSpan? RoundTripTime,
    long Retransmissions,
    long Resumes
);
