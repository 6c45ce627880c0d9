using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using RdsTunnel.DataChannels.Links;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Faults;

namespace RdsTunnel.DataChannels;

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

    /// <summary>The share of <see cref="CloseTimeout"/> that the node gets to acknowledge the flag.</summary>
    private static readonly TimeSpan FlagTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>Bytes that wait for the wire: enough to fill it, few enough that new small writes are not far behind.</summary>
    private const int SendBufferBytes = 64 * 1024;

    /// <summary>
    /// Bytes that wait for the reader; beyond it the websocket is not read. Above multiplexing the reader never waits, so it fills only with
    /// an agent that serves one connection whose client does not read.
    /// </summary>
    private const int ReceiveBufferBytes = 16 * 1024 * 1024;

    /// <summary>Bytes that are kept from the reader while more messages are at hand.</summary>
    private const int MaxUnflushedBytes = 32 * 1024;

    private readonly IDataChannelSession _session;
    private readonly LinkOpener _opener;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Pipe _incoming = new(new PipeOptions(
        pauseWriterThreshold: ReceiveBufferBytes, resumeWriterThreshold: ReceiveBufferBytes / 2, useSynchronizationContext: false));
    private readonly Pipe _outgoing = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: SendBufferBytes, resumeWriterThreshold: SendBufferBytes / 2,
        useSynchronizationContext: false));
    private readonly Handshake _handshake;
    private readonly MessageSender _sender;
    private readonly MessageReceiver _receiver;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private IDataChannelLink? _link;
    private Task? _closing;
    private bool _isOver;

    private Task _running = Task.CompletedTask;
    private long _resumes;

    private DataChannel(
        IDataChannelSession session, IDataChannelConnector connector, DataChannelOptions options, TimeProvider time, ILogger logger)
    {
        _session = session;
        _opener = new LinkOpener(connector, session, time, logger);
        _time = time;
        _logger = logger;
        _handshake = new Handshake(options.ClientVersion);
        _sender = new MessageSender(_outgoing.Reader, options.MaxPayloadBytes, time);
        _receiver = new MessageReceiver(_incoming.Writer, _sender, _handshake, logger);
        _receiver.ConnectToPortFailed += () => ConnectToPortFailed?.Invoke();
        _backoff = new Backoff(time);
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

    /// <summary>The node's messages were lost, and what it has sent since waits until it has sent them again: seconds, sometimes minutes.</summary>
    public bool IsRepairing => _receiver.HasGap;

    public DataChannelStatistics Statistics
    {
        get
        {
            var (bytesSent, roundTripTime, retransmissions) = _sender.Statistics;
            return new(bytesSent, _receiver.BytesReceived, roundTripTime, retransmissions, Volatile.Read(ref _resumes), _receiver.InvalidMessages);
        }
    }

    /// <summary>Opens the channel of a session that has just been started; returns once the handshake is complete.</summary>
    /// <remarks>If that fails, the session is ended before the exception is thrown.</remarks>
    /// <exception cref="DataChannelException">The service cannot be reached, or the node does not answer as it should.</exception>
    /// <exception cref="Exception">What <paramref name="session"/> throws, or gives for a refusal.</exception>
    public static Task<DataChannel> OpenAsync(
        DataChannelAccess access, IDataChannelSession session, DataChannelOptions options, TimeProvider time, ILogger logger,
        CancellationToken cancellationToken) =>
        OpenAsync(access, session, new WebSocketConnector(options), options, time, logger, cancellationToken);

    internal static async Task<DataChannel> OpenAsync(
        DataChannelAccess access, IDataChannelSession session, IDataChannelConnector connector, DataChannelOptions options,
        TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var channel = new DataChannel(session, connector, options, time, logger);
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
    public void Hurry() => _backoff.Hurry();

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
        IDataChannelLink link;
        try
        {
            link = await _opener.OpenAsync(access, cancellationToken).ConfigureAwait(false);
        }
        catch (LinkException e)
        {
            throw new DataChannelException(
                DataChannelError.Unreachable,
                $"The session's data channel could not be opened: {e.Message} Check the network and the proxy settings.", e);
        }

        _running = RunAsync(link);
        try
        {
            var first = await Task.WhenAny(_receiver.HandshakeCompleted.Task, Completion)
                .WaitAsync(HandshakeTimeout, _time, cancellationToken).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new DataChannelException(
                DataChannelError.HandshakeTimeout,
                $"The jump host's agent did not complete the handshake within {HandshakeTimeout.TotalSeconds:F0} s. " +
                "Check that the instance is healthy and can reach the ssmmessages endpoint of its region.", e);
        }

        DataChannelLog.Opened(_logger, AgentVersion, _time.GetElapsedTime(started).TotalMilliseconds);
        SetState(new(DataChannelState.Open));
    }

    private async Task RunAsync(IDataChannelLink link)
    {
        var sending = _sender.RunAsync(_stop.Token);
        var receiving = ReceiveOnLinksAsync(link);
        Exception? failure = null;
        try
        {
            await (await Task.WhenAny(sending, receiving).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (DataChannelException e)
        {
            failure = e;
        }
        catch (Exception e)
        {
            DataChannelLog.Failed(_logger, e);
            failure = new DataChannelException(DataChannelError.InternalError, $"The data channel failed unexpectedly: {SafeText.Describe(e)}.", e);
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
        await _incoming.Writer.CompleteAsync(failure).ConfigureAwait(false);
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

    private async Task ReceiveOnLinksAsync(IDataChannelLink link)
    {
        while (true)
        {
            Use(link);
            try
            {
                await ReceiveAsync(link).ConfigureAwait(false);
            }
            catch (LinkException e)
            {
                DataChannelLog.LinkLost(_logger, e.Message);
            }
            catch (DataChannelException)
            {
                // While there is a link, the node is told what this client does not do.
                await _receiver.LastWord.WaitAsync(_stop.Token).ConfigureAwait(false);
                throw;
            }
            finally
            {
                Release(link);
                await link.DisposeAsync().ConfigureAwait(false);
            }

            SetState(new(DataChannelState.Reconnecting));
            link = await ReconnectAsync(_stop.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _resumes);
            SetState(new(_receiver.HandshakeCompleted.Task.IsCompleted ? DataChannelState.Open : DataChannelState.Handshaking));
        }
    }

    private void Use(IDataChannelLink link)
    {
        lock (_gate)
        {
            _link = link;
        }

        _sender.Attach(link);
    }

    private void Release(IDataChannelLink link)
    {
        lock (_gate)
        {
            _link = null;
        }

        _sender.Detach(link);
    }

    private async Task ReceiveAsync(IDataChannelLink link)
    {
        while (true)
        {
            // The reader is woken once for all messages that have arrived together.
            var receive = link.ReceiveAsync(_stop.Token);
            if (!receive.IsCompleted || _incoming.Writer.UnflushedBytes >= MaxUnflushedBytes)
            {
                await _incoming.Writer.FlushAsync(_stop.Token).ConfigureAwait(false);
            }

            var message = await receive.ConfigureAwait(false);
            _receiver.OnMessage(message.Span);
            await _sender.WhenKeepingUpAsync().ConfigureAwait(false);
        }
    }

    private async Task<IDataChannelLink> ReconnectAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var access = await _session.ResumeAsync(cancellationToken).ConfigureAwait(false)
                    ?? throw new DataChannelException(
                        DataChannelError.SessionEnded,
                        "The session is over: it was idle for too long, reached its maximum duration, or was ended by somebody.");
                var link = await _opener.OpenAsync(access, cancellationToken).ConfigureAwait(false);
                DataChannelLog.Resumed(_logger, attempt);
                return link;
            }
            catch (Exception e) when (e is not DataChannelException && !cancellationToken.IsCancellationRequested)
            {
                var delay = Backoff.DelayAfter(attempt);
                DataChannelLog.ResumeFailed(_logger, attempt, delay.TotalSeconds, SafeText.Describe(e));
                SetState(new(DataChannelState.Reconnecting, e));
                await _backoff.WaitAsync(delay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task CloseAsync()
    {
        await Task.Yield();
        IDataChannelLink? link;
        bool isOver;
        lock (_gate)
        {
            link = _link;
            isOver = _isOver;
        }

        using var timeout = new CancellationTokenSource(CloseTimeout, _time);
        if (!isOver)
        {
            var told = TellNodeAsync(link, timeout.Token);
            try
            {
                await _session.TerminateAsync(timeout.Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                DataChannelLog.TerminateFailed(_logger, SafeText.Describe(e));
            }

            await told.ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        _sender.Stop();
        await _running.ConfigureAwait(false);
        _completion.TrySetResult();
        _stop.Dispose();
    }

    private async Task TellNodeAsync(IDataChannelLink? link, CancellationToken cancellationToken)
    {
        if (link is null || !_receiver.HandshakeCompleted.Task.IsCompleted)
        {
            return;
        }

        try
        {
            await _sender.SendControlAsync(PayloadType.Flag, MessageSender.FlagPayload(PayloadFlag.TerminateSession))
                .WaitAsync(FlagTimeout, _time, cancellationToken).ConfigureAwait(false);
            await _sender.WhenAcknowledgedAsync().WaitAsync(FlagTimeout, _time, cancellationToken).ConfigureAwait(false);
            await link.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or LinkException)
        {
            DataChannelLog.CloseFailed(_logger, SafeText.Describe(e));
        }
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
