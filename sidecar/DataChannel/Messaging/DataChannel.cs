using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using RdsTunnel.DataChannels.Links;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Reliability;
using RdsTunnel.Faults;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>
/// One port session's ordered byte stream to the node and back. It survives the loss of its websocket: what was under way is sent again on
/// a new one. Its end, when nobody asked for it, is a <see cref="DataChannelException"/> that <see cref="Completion"/>,
/// <see cref="Input"/> and <see cref="Output"/> all give.
/// </summary>
/// <remarks>The pipes are for one reader and one writer; everything else is thread-safe.</remarks>
public sealed class DataChannel : IDuplexPipe, IAsyncDisposable
{
    /// <summary>The node itself gives up after 15 s; it needs a moment before that to take the session up.</summary>
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(30);

    /// <summary>For an orderly end, whatever the network does.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Bytes that wait for the wire: enough to fill it, few enough that new small writes are not far behind.</summary>
    private const int SendBufferBytes = 64 * 1024;

    /// <summary>
    /// Bytes that wait for the reader; beyond it the websocket is not read. Above multiplexing the
    /// reader never waits, so it fills only with
    /// an agent that serves one connection whose client does not read.
    /// </summary>
    private const int ReceiveBufferBytes = 16 * 1024 * 1024;

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Pipe _incoming = new(
        new PipeOptions(
            pauseWriterThreshold: ReceiveBufferBytes,
            resumeWriterThreshold: ReceiveBufferBytes / 2,
            useSynchronizationContext: false
        )
    );
    private readonly Pipe _outgoing = new(
        new PipeOptions(
            readerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: SendBufferBytes,
            resumeWriterThreshold: SendBufferBytes / 2,
            useSynchronizationContext: false
        )
    );
    private readonly RepairWatch _repairs;
    private readonly Handshake _handshake;
    private readonly MessageSender _sender;
    private readonly MessageReceiver _receiver;
    private readonly LinkRetries _retries;
    private readonly LinkLoop _links;
    private readonly Farewell _farewell;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private Task? _closing;
    private bool _isOver;

    private Task _running = Task.CompletedTask;

    private DataChannel(IDataChannelSession session, IDataChannelConnector connector, bool takesRaw, TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _repairs = new RepairWatch(time);
        _handshake = new Handshake(DataChannelOptions.ClientVersion, takesRaw);
        _sender = new MessageSender(_outgoing.Reader, DataChannelOptions.MaxPayloadBytes, time);
        _receiver = new MessageReceiver(_incoming.Writer, _sender, _handshake, _repairs, logger);
        _receiver.ConnectToPortFailed += () => ConnectToPortFailed?.Invoke();
        _retries = new LinkRetries(DataChannelOptions.ClientVersion);
        _links = new LinkLoop(
            session,
            new LinkOpener(connector, session, time, logger),
            _sender,
            _receiver,
            _repairs,
            _incoming.Writer,
            _retries,
            time,
            logger
        );
        _links.StateChanged += SetState;
        _farewell = new Farewell(session, _sender, time, logger);
    }

    /// <summary>Each change of state, in order. Handlers must not block.</summary>
    public event Action<DataChannelStateChange>? StateChanged;

    /// <summary>The node could not connect to the target. It ends the stream concerned, too.</summary>
    public event Action? ConnectToPortFailed;

    public PipeReader Input => _incoming.Reader;

    public PipeWriter Output => _outgoing.Writer;

    /// <summary>Ends when the channel has: successfully if it was asked to, otherwise with a <see cref="DataChannelException"/>.</summary>
    public Task Completion => _completion.Task;

    public DataChannelState State { get; private set; } = DataChannelState.Handshaking;

    /// <summary>The version of the SSM agent on the node, as it said itself.</summary>
    public string AgentVersion => _handshake.AgentVersion ?? "";

    /// <summary>What the session's document makes of it, once the channel is open.</summary>
    public PortProperties Properties => _handshake.Properties;

    /// <summary>The node's messages were lost, and what it has sent since waits until it has sent
    /// them again: seconds, sometimes minutes.</summary>
    public bool IsRepairing => _receiver.HasGap || _repairs.IsRepairing;

    /// <summary>The same, or it is not known yet: the link was replaced a moment ago, and messages were on their way.</summary>
    public bool MayBeRepairing => _receiver.HasGap || _repairs.MayBeRepairing;

    /// <inheritdoc cref="MessageSender.UnacknowledgedFor"/>
    public TimeSpan UnacknowledgedFor => _sender.UnacknowledgedFor;

    public DataChannelStatistics Statistics
    {
        get
        {
            var (bytesSent, roundTripTime, retransmissions) = _sender.Statistics;
            return new(bytesSent, _receiver.BytesReceived, roundTripTime, retransmissions, _links.Resumes, _receiver.InvalidMessages);
        }
    }

    /// <summary>Opens the channel of a session that has just been started; returns once the handshake is complete.</summary>
    /// <remarks>If that fails, the session is ended before the exception is thrown.</remarks>
    /// <exception cref="DataChannelException">The service cannot be reached, or the node does not answer as it should.</exception>
    /// <exception cref="Exception">What <paramref name="session"/> throws, or gives for a refusal.</exception>
    public static Task<DataChannel> OpenAsync(
        DataChannelAccess access,
        IDataChannelSession session,
        DataChannelOptions options,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken
    ) => OpenAsync(access, session, new WebSocketConnector(options), options.TakesRaw, time, logger, cancellationToken);

    internal static Task<DataChannel> OpenAsync(
        DataChannelAccess access,
        IDataChannelSession session,
        IDataChannelConnector connector,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken
    ) => OpenAsync(access, session, connector, takesRaw: false, time, logger, cancellationToken);

    private static async Task<DataChannel> OpenAsync(
        DataChannelAccess access,
        IDataChannelSession session,
        IDataChannelConnector connector,
        bool takesRaw,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        var channel = new DataChannel(session, connector, takesRaw, time, logger);
        try
        {
            await channel.StartAsync(access, cancellationToken).ConfigureAwait(false);
            return channel;
        }
        catch
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends a flag once the data written before is out. Nothing may be written until it completes.</summary>
    public Task SendFlagAsync(PayloadFlag flag, CancellationToken cancellationToken) =>
        _sender.SendFlagAfterDataAsync(flag).WaitAsync(cancellationToken);

    /// <summary>Somebody waits: an attempt to reconnect that is put off is made now.</summary>
    public void Hurry() => _links.Hurry();

    /// <summary>Ends the session in order, within two seconds: the node is told, the service is told, the websocket is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        Task closing;
        lock (_gate)
        {
            closing = _closing ??= CloseAsync();
        }

        await closing.ConfigureAwait(false);
    }

    private async Task StartAsync(DataChannelAccess access, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var link = await _links.OpenFirstAsync(access, cancellationToken).ConfigureAwait(false);
        _running = RunAsync(link);
        try
        {
            var first = await Task.WhenAny(_receiver.HandshakeCompleted.Task, Completion)
                .WaitAsync(HandshakeTimeout, _time, cancellationToken)
                .ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw _links.Failure is { } failure
                ? _retries.NotOpened(failure)
                : new DataChannelException(
                    DataChannelError.HandshakeTimeout,
                    $"The jump host's agent did not complete the handshake within {HandshakeTimeout.TotalSeconds:F0} s. "
                        + "Check that the instance is healthy and can reach the ssmmessages endpoint of its region.",
                    e
                );
        }

        DataChannelLog.Opened(_logger, AgentVersion, _time.GetElapsedTime(started).TotalMilliseconds);
        SetState(new(DataChannelState.Open));
    }

    private async Task RunAsync(IDataChannelLink link)
    {
        var sending = _sender.RunAsync(_stop.Token);
        var receiving = _links.RunAsync(link, _stop.Token);
        Exception? failure = null;
        try
        {
            await (await Task.WhenAny(sending, receiving).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested) { }
        catch (DataChannelException e)
        {
            failure = e;
        }
        catch (Exception e)
        {
            DataChannelLog.Failed(_logger, e);
            failure = new DataChannelException(
                DataChannelError.InternalError,
                $"The data channel failed unexpectedly: {SafeText.Describe(e)}.",
                e
            );
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        _sender.Stop();
        // What the second of them fails with, too, is observed here: it follows from the first's end.
        await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await EndAsync(failure).ConfigureAwait(false);
    }

    private async Task EndAsync(Exception? failure)
    {
        lock (_gate)
        {
            _isOver = failure is DataChannelException { Error: DataChannelError.SessionEnded or DataChannelError.HostForbidden };
            failure = _closing is null ? failure : null;
        }

        _receiver.Dispose();
        await _sender.DisposeAsync().ConfigureAwait(false);
        await _outgoing.Reader.CompleteAsync(failure).ConfigureAwait(false);
        // A failure would hide what has arrived and was not read yet. Where the session is one connection, its end is that connection's.
        await _incoming
            .Writer.CompleteAsync(
                !Properties.Forwards && failure is DataChannelException { Error: DataChannelError.SessionEnded } ? null : failure
            )
            .ConfigureAwait(false);
        if (failure is null)
        {
            _completion.TrySetResult();
        }
        else
        {
            DataChannelLog.Ended(_logger, failure.Message);
            _completion.TrySetException(failure);
            // Whoever does not wait for the end hears of it through the pipes.
            _ = _completion.Task.Exception;
        }

        SetState(new(DataChannelState.Closed, failure));
    }

    private async Task CloseAsync()
    {
        await Task.Yield();
        bool isOver;
        lock (_gate)
        {
            isOver = _isOver;
        }

        using var timeout = new CancellationTokenSource(CloseTimeout, _time);
        _links.ExpectEnd();
        if (!isOver)
        {
            await _farewell
                .SayAsync(_receiver.HandshakeCompleted.Task.IsCompleted ? _links.Link : null, timeout.Token)
                .ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        _sender.Stop();
        await _running.ConfigureAwait(false);
        _completion.TrySetResult();
        _stop.Dispose();
    }

    private void SetState(DataChannelStateChange change)
    {
        State = change.State;
        try
        {
            StateChanged?.Invoke(change);
        }
        catch (Exception e)
        {
            DataChannelLog.ListenerFailed(_logger, e);
        }
    }
}
