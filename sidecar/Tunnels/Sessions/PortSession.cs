using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.DataChannels;
using RdsTunnel.DataChannels.Messaging;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Smux;
using RdsTunnel.Tunnels.Measures;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>An SSM port session: a data channel, and the connections that it carries. Thread-safe.</summary>
/// <remarks>
/// Agents since 3.0.196.0 multiplex. An older one serves one connection, and says neither where its bytes end nor dials again before the
/// client has spoken; so its session ends with the connection, and the next connection gets a new one.
/// </remarks>
internal sealed class PortSession : IAsyncDisposable
{
    private static readonly DottedVersion MultiplexingSince = new(3, 0, 196, 0);
    private static readonly DottedVersion NoKeepAliveSince = new(3, 1, 1511, 0);
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(10);

    /// <summary>What a session moves in a second that somebody is waiting for, as opposed to the small talk of idle connections.</summary>
    private const long BusyBytesPerSecond = 64 * 1024;

    /// <summary>An agent that runs acknowledges a message within its round trip, even when the
    /// database does not read: its buffers take megabytes.</summary>
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(10);

    /// <summary>Of the seconds of that time, those in which this process ran. One that was paused
    /// finds its messages old, and their acknowledgements unread.</summary>
    private const int SilentAfterSamples = 8;

    private readonly DataChannel _channel;
    private readonly SsmDataChannelSession _session;
    private readonly SmuxSession? _smux;
    private int _connections;
    private int _isTaken; // 1: an old agent's only connection is in use, or the session is being let go
    private long _refusals;
    private int _hasAnswered; // 1: a byte of the database has come through
    private Task _retiring = Task.CompletedTask;
    private long _bytesAtLastSample;
    private int _samplesUnacknowledged; // in a row
    private TaskCompletionSource _silenced = NewSignal(); // exchanged atomically
    private bool _wasSilent; // for Sample

    private PortSession(string id, string target, DataChannel channel, SsmDataChannelSession session, TimeProvider time)
    {
        Id = id;
        Target = target;
        _session = session;
        _channel = channel;
        channel.ConnectToPortFailed += () => Interlocked.Increment(ref _refusals);
        channel.StateChanged += change =>
        {
            ResumeFailure = change.State == DataChannelState.Reconnecting ? change.Failure : null;
            // What was not acknowledged over the link that is gone says nothing about the agent: on
            // the next one it has its eight seconds again.
            Volatile.Write(ref _samplesUnacknowledged, 0);
        };
        if (Forwards && DottedVersion.TryParse(channel.AgentVersion, out var version) && version >= MultiplexingSince)
        {
            var needsKeepAlive = version < NoKeepAliveSince;
            _smux = SmuxSession.StartClient(
                channel,
                new SmuxOptions { KeepAliveInterval = needsKeepAlive ? KeepAliveInterval : null },
                time
            );
        }
    }

    public event Action<DataChannelStateChange>? StateChanged
    {
        add => _channel.StateChanged += value;
        remove => _channel.StateChanged -= value;
    }

    public event Action? ConnectToPortFailed
    {
        add => _channel.ConnectToPortFailed += value;
        remove => _channel.ConnectToPortFailed -= value;
    }

    /// <summary>How often the agent has said that it could not connect to the target.</summary>
    public long Refusals => Interlocked.Read(ref _refusals);

    public string Id { get; }

    public string AgentVersion => _channel.AgentVersion;

    /// <inheritdoc cref="PortProperties.Forwards"/>
    public bool Forwards => Properties.Forwards;

    public PortProperties Properties => _channel.Properties;

    /// <summary>How its websocket was opened last.</summary>
    public ChannelOpening ChannelOpening => _session.Opening;

    /// <summary>The jump host.</summary>
    public string Target { get; }

    /// <summary>The database has answered through it: the jump host leads there.</summary>
    public bool HasAnswered => Volatile.Read(ref _hasAnswered) == 1;

    /// <summary>It takes no more connections, and is to end with those that it has.</summary>
    public bool IsLeaving { get; private set; }

    public DataChannelState State => _channel.State;

    /// <summary>Why the last attempt to resume the session failed; null while it does not reconnect.</summary>
    public Exception? ResumeFailure { get; private set; }

    public DataChannelStatistics Statistics => _channel.Statistics;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Whatever is opened here may have to wait: behind a connection that reads too
    /// slowly, or for messages that were lost.</summary>
    public bool IsCongested => _channel.IsRepairing || (_smux?.IsCongested ?? false);

    /// <summary>What is opened here would wait for messages that its agent has to send again: for seconds, sometimes minutes.</summary>
    public bool MayBeRepairing => _channel.MayBeRepairing;

    /// <summary>The link is up, as far as is known, but its agent has not acknowledged a message
    /// for so long that nothing more is entrusted to it.</summary>
    public bool IsSilent =>
        State == DataChannelState.Open
        && _channel.UnacknowledgedFor > SilentAfter
        && Volatile.Read(ref _samplesUnacknowledged) >= SilentAfterSamples;

    /// <summary>Complete while the agent is silent. When it acknowledges again, or the link is
    /// another one, another task takes its place.</summary>
    public Task Silenced
    {
        get
        {
            var signal = Volatile.Read(ref _silenced);
            if (signal.Task.IsCompleted && !IsSilent)
            {
                // A connection that begins now has nothing to do with the silence before.
                Interlocked.CompareExchange(ref _silenced, NewSignal(), signal);
            }

            return Volatile.Read(ref _silenced).Task;
        }
    }

    /// <summary>In the second before the last <see cref="Sample"/>, it moved as much as a transfer does.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Ends when the session has; faults with the reason when that was not asked for.</summary>
    public Task Completion => _smux?.Completion ?? _channel.Completion;

    /// <summary>True when a connection may be opened here.</summary>
    public bool CanConnect => State == DataChannelState.Open && !Completion.IsCompleted && !IsSilent && Volatile.Read(ref _isTaken) == 0;

    /// <summary>Starts a session and opens its data channel.</summary>
    /// <param name="starts">Puts the call off while it fails for others.</param>
    /// <param name="ends">Ends the session, later where it cannot be now.</param>
    /// <param name="signing">What the tunnel knows of its signatures.</param>
    /// <param name="cancellationToken">Ends the wait for the jump host.</param>
    /// <param name="abort">Ends even the call that starts the session, at the risk that one is left behind.</param>
    /// <exception cref="AwsException">The session could not be started, or its data channel may not be opened.</exception>
    /// <exception cref="DataChannelException">The jump host does not answer as it should. The session has been ended.</exception>
    public static async Task<PortSession> OpenAsync(
        ISessionService service,
        PortSessionRequest request,
        SessionStarts starts,
        SessionEnds ends,
        ChannelSigning signing,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken,
        CancellationToken abort
    )
    {
        var access = await starts.StartAsync(service, request, cancellationToken, abort).ConfigureAwait(false);
        return await AdoptAsync(service, access, request.Target, takesRaw: false, ends, signing, time, logger, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Opens the data channel of a session that has been started.</summary>
    /// <param name="takesRaw">Also when the session is one connection, as SSH's are.</param>
    /// <exception cref="AwsException">Its data channel may not be opened.</exception>
    /// <exception cref="DataChannelException">The jump host does not answer as it should. The session has been ended.</exception>
    public static async Task<PortSession> AdoptAsync(
        ISessionService service,
        SessionAccess access,
        string target,
        bool takesRaw,
        SessionEnds ends,
        ChannelSigning signing,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        var session = new SsmDataChannelSession(service, access.SessionId, ends, signing, logger);
        var channel = await Spans
            .OpenChannelAsync(() =>
                DataChannel.OpenAsync(
                    new DataChannelAccess(access.StreamUrl, access.TokenValue),
                    session,
                    new DataChannelOptions
                    {
                        CertificateValidation = service.CertificateValidation,
                        Proxy = service.Proxy,
                        TakesRaw = takesRaw,
                    },
                    time,
                    logger,
                    cancellationToken
                )
            )
            .ConfigureAwait(false);
        return new PortSession(access.SessionId, target, channel, session, time);
    }

    /// <summary>Opens a connection; null when the session has just ended or is taken.</summary>
    public PortConnection? TryConnect()
    {
        if (_smux is null)
        {
            if (Interlocked.Exchange(ref _isTaken, 1) == 1)
            {
                return null;
            }

            Interlocked.Increment(ref _connections);
            return new PortConnection(
                this,
                _channel,
                _channel.Completion,
                () => _channel.Input.CancelPendingRead(),
                TellsEnd: false,
                Refusals
            );
        }

        try
        {
            var refusals = Refusals;
            var stream = _smux.OpenStream();
            Interlocked.Increment(ref _connections);
            return new PortConnection(this, stream, stream.Completion, stream.Abort, TellsEnd: true, refusals);
        }
        catch (SmuxException)
        {
            // Its end is reported by Completion.
            return null;
        }
    }

    /// <summary>The connection is over.</summary>
    public async ValueTask ReleaseAsync(PortConnection connection)
    {
        if (connection.Pipe is SmuxStream stream)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            await _channel.SendFlagAsync(PayloadFlag.DisconnectToPort, CancellationToken.None).ConfigureAwait(false);
            await DisposeAsync().ConfigureAwait(false);
        }

        Interlocked.Decrement(ref _connections);
    }

    /// <summary>How many samples in a row have found no connection.</summary>
    public int IdleSamples { get; private set; }

    /// <summary>To be called each second.</summary>
    /// <returns>What has become of its agent since the last call.</returns>
    public AgentChange Sample()
    {
        IdleSamples = Connections == 0 ? IdleSamples + 1 : 0;
        var statistics = Statistics;
        var bytes = statistics.BytesSent + statistics.BytesReceived;
        IsBusy = bytes - _bytesAtLastSample >= BusyBytesPerSecond;
        _bytesAtLastSample = bytes;
        Volatile.Write(ref _samplesUnacknowledged, _channel.UnacknowledgedFor > TimeSpan.Zero ? _samplesUnacknowledged + 1 : 0);
        var isSilent = IsSilent;
        if (isSilent)
        {
            Volatile.Read(ref _silenced).TrySetResult();
        }

        var was = _wasSilent;
        _wasSilent = isSilent;
        return isSilent == was ? AgentChange.None
            : isSilent ? AgentChange.FellSilent
            : AgentChange.IsBack;
    }

    /// <summary>What its connections that nobody has answered are told when the agent has fallen silent.</summary>
    public DataChannelException SilenceFailure() =>
        new(
            DataChannelError.PeerUnresponsive,
            $"The SSM agent of the jump host {Target} has not acknowledged anything for {SilentAfter.TotalSeconds:F0} s, although the connection to AWS is up. Connect again to use another session. "
                + "If that does not help, check that the instance is running and its SSM agent is healthy."
        );

    public bool IsRetired { get; private set; }

    /// <returns>True for the first time.</returns>
    public bool SetAnswered() => Interlocked.Exchange(ref _hasAnswered, 1) == 0;

    public void Leave()
    {
        IsLeaving = true;
        Volatile.Write(ref _isTaken, 1);
    }

    public void Hurry() => _channel.Hurry();

    /// <summary>Takes no more connections, and ends; <see cref="DisposeAsync"/> waits for that.</summary>
    public void Retire()
    {
        IsRetired = true;
        Volatile.Write(ref _isTaken, 1);
        _retiring = _channel.DisposeAsync().AsTask();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        await _retiring.ConfigureAwait(false);
        await _channel.DisposeAsync().ConfigureAwait(false);
        if (_smux is not null)
        {
            await _smux.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>What a second has made of a session's agent.</summary>
internal enum AgentChange
{
    None,
    FellSilent,
    IsBack,
}
