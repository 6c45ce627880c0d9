using System.IO.Pipelines;
using System.Threading.Channels;
using RdsTunnel.Faults;

namespace RdsTunnel.Smux;

/// <summary>Many streams over one ordered byte pipe: smux, version 1. Thread-safe. Owns the
/// transport: both of its ends are completed when the
/// session ends, and its reads and flushes must heed their cancellation tokens.</summary>
/// <remarks>Two loops run for as long as the session lives: one reads frames and never waits for a local reader
/// (unless told to by <see cref="ReceivePolicy.PauseReading"/>), one owns the transport's writer and gives every stream its turn.
/// The first failure of either ends the session, and is what everybody sees afterwards.</remarks>
public sealed class SmuxSession : IAsyncDisposable
{
    /// <summary>Streams that a peer opened and nobody has accepted yet: 1,024, as in the reference.</summary>
    internal const int AcceptBacklog = 1024;

    private readonly IDuplexPipe _transport;
    private readonly SmuxOptions _options;
    private readonly TimeProvider _time;
    private readonly ReceiveBudget _budget;
    private readonly StreamTable _streams;
    private readonly ReadLoop _reading;
    private readonly WriteLoop _writing;
    private readonly Channel<SmuxStream>? _accepted;

    // Never disposed: it has no timer and no wait handle, and a late Fail may still cancel it.
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;

    private SmuxSession(IDuplexPipe transport, SmuxOptions options, TimeProvider time, bool isServer)
    {
        _transport = transport;
        _options = options;
        _time = time;
        _budget = new ReceiveBudget(options);
        _streams = new StreamTable(options.FirstStreamId);
        _writing = new WriteLoop(transport.Output);
        _accepted = isServer ? Channel.CreateBounded<SmuxStream>(AcceptBacklog) : null;
        var keepAlive = options.KeepAliveInterval is { } interval
            ? new KeepAlive(_writing, interval, options.KeepAliveTimeout, time)
            : null;
        _reading = new ReadLoop(transport.Input, _streams, _budget, keepAlive, OnSyn);
        _running = RunAsync(
            Task.Run(() => ObserveAsync(_reading.RunAsync)),
            Task.Run(() => ObserveAsync(_writing.RunAsync)),
            keepAlive is null ? Task.CompletedTask : ObserveAsync(keepAlive.RunAsync)
        );
    }

    /// <summary>Ends with success after <see cref="DisposeAsync"/>, else with the
    /// <see cref="SmuxException"/> that ended the session; in both
    /// cases nothing of the session runs any more.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Streams that are open, or have data left for their local readers.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>Data that waits for local readers.</summary>
    public long BufferedBytes => _budget.BufferedBytes;

    /// <summary>Memory that holds this data; what the budget bounds.</summary>
    public long HeldBytes => _budget.HeldBytes;

    /// <summary>A stream is over its share: new connections should go to another session.</summary>
    public bool IsCongested => _budget.IsCongested;

    /// <summary>Data that arrived for streams which had ended, or whose reader had.</summary>
    public long DroppedBytes => _reading.DroppedBytes;

    /// <summary>Starts the side that opens streams.</summary>
    public static SmuxSession StartClient(IDuplexPipe transport, SmuxOptions? options = null, TimeProvider? time = null) =>
        new(transport, options ?? new SmuxOptions(), time ?? TimeProvider.System, isServer: false);

    /// <summary>Starts the side that accepts streams; by default it treats memory as the agent does.</summary>
    public static SmuxSession StartServer(IDuplexPipe transport, SmuxOptions? options = null, TimeProvider? time = null) =>
        new(transport, options ?? SmuxOptions.Agent, time ?? TimeProvider.System, isServer: true);

    /// <summary>Opens a stream. It can be used at once: smux has no answer to a SYN.</summary>
    /// <exception cref="SmuxException">The session has ended, or its stream ids have.</exception>
    public SmuxStream OpenStream()
    {
        var stream = RegisterStream();
        stream.QueueTurn();
        return stream;
    }

    /// <summary>Opens a stream whose first data is at hand: it shares a flush with the SYN. Waits
    /// as a write to the stream's Output does.</summary>
    /// <exception cref="SmuxException">The session has ended, or its stream ids have.</exception>
    public async ValueTask<SmuxStream> OpenStreamAsync(ReadOnlyMemory<byte> firstData, CancellationToken cancellationToken = default)
    {
        var stream = RegisterStream();
        try
        {
            await stream.Output.WriteAsync(firstData, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for the peer to open a stream.</summary>
    /// <exception cref="SmuxException">The session has ended.</exception>
    public async ValueTask<SmuxStream> AcceptStreamAsync(CancellationToken cancellationToken = default)
    {
        if (_accepted is null)
            throw new InvalidOperationException("An smux client opens streams.");
        try
        {
            return await _accepted.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException closed) when (closed.InnerException is SmuxException failure)
        {
            throw SmuxException.Again(failure);
        }
    }

    /// <summary>Ends the session and all of its streams, and waits until nothing of it runs any more. What was not sent is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        Fail(new SmuxException(SmuxError.SessionDisposed, "The session was closed here."));
        await _running.ConfigureAwait(false);
    }

    /// <summary>A stream is registered before its SYN is queued: what a server that speaks first sends must find it.</summary>
    private SmuxStream RegisterStream() =>
        _accepted is null
            ? _streams.Open(id => CreateStream(id, synSent: false, _options.FinLinger))
            : throw new InvalidOperationException("An smux server accepts streams.");

    private SmuxStream CreateStream(uint id, bool synSent, TimeSpan finLinger) =>
        new(id, _writing, _streams, _budget, synSent, finLinger, _time);

    private void OnSyn(uint streamId)
    {
        if (_accepted is null)
            throw new SmuxException(SmuxError.ProtocolError, $"The peer opened the stream {streamId}; only a client does that.");
        var stream = CreateStream(streamId, synSent: true, finLinger: TimeSpan.Zero);
        if (!_streams.TryAdd(stream))
            throw new SmuxException(SmuxError.ProtocolError, $"The peer opened the stream {streamId} twice.");
        if (!_accepted.Writer.TryWrite(stream))
            throw new SmuxException(SmuxError.ProtocolError, $"The peer opened more than {AcceptBacklog} streams that nobody accepted.");
    }

    private async Task RunAsync(params Task[] loops)
    {
        await Task.WhenAll(loops).ConfigureAwait(false);

        // Without the failure: it is the session's, and the layer below has its own.
        await _transport.Output.CompleteAsync().ConfigureAwait(false);
        await _transport.Input.CompleteAsync().ConfigureAwait(false);

        var failure = _streams.Failure!;
        if (failure.Code == SmuxError.SessionDisposed)
        {
            _completion.SetResult();
            return;
        }

        _completion.SetException(failure);
        // Whoever does not watch learns the same from every stream, and when opening one.
        _ = _completion.Task.Exception;
    }

    private async Task ObserveAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested) { }
        catch (SmuxException failure)
        {
            Fail(failure);
        }
        catch (Exception defect)
        {
            Fail(new SmuxException(SmuxError.InternalError, $"A defect ended the session: {SafeText.Describe(defect)}.", defect));
        }
    }

    private void Fail(SmuxException failure)
    {
        if (!_streams.TryFail(failure))
            return;
        _accepted?.Writer.TryComplete(failure);
        foreach (var stream in _streams.All())
            stream.OnSessionFailed(failure);
        _stopping.Cancel();
    }
}
