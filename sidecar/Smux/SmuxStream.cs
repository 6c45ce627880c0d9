using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;

namespace RdsTunnel.Smux;

/// <summary>One connection through a session. <see cref="Input"/> and <see cref="Output"/> are for
/// one reader and one writer; everything else
/// is thread-safe.</summary>
/// <remarks>
/// There is no half-close through an agent: either FIN ends the connection for it. Hence:
/// completing <see cref="Output"/> on a client sends what was written and then holds the FIN back until the peer's FIN, until
/// <see cref="SmuxOptions.FinLinger"/> is over, or until <see cref="Input"/> is completed too; on a server it sends the FIN.
/// The peer's FIN completes Input after all that arrived was read, and Output at once: flushes then report completion.
/// Otherwise ended, a stream's reads and flushes throw <see cref="SmuxStreamException"/>, whose code tells why.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "Stream is smux's own word.")]
public sealed class SmuxStream : IDuplexPipe, IAsyncDisposable, IFrameSource
{
    /// <summary>What a local writer may be ahead of the session. 64 KiB: four turns, so that the
    /// write loop finds work, and little to wait for.</summary>
    internal const int OutboxBytes = 64 * 1024;

    /// <summary>What a stream sends before the next one's turn, header included. 16 KiB: sixteen data channel messages, exactly.</summary>
    internal const int TurnBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly WriteLoop _writing;
    private readonly StreamTable _streams;
    private readonly StreamInbox _inbox;
    private readonly Pipe _outbox;
    private readonly TimeSpan _finLinger;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _turnQueued;
    private long _bytesSent;

    // Guarded by _gate, as is the reading side of _outbox.
    private bool _synSent;
    private bool _finSent;
    private bool _finReceived;
    private bool _outputEnded;
    private bool _inputEnded;
    private bool _left;
    private SmuxStreamException? _error;
    private ITimer? _linger;
    private bool _lingerOver;
    private long _receivedBeforeLinger;

    internal SmuxStream(
        uint id,
        WriteLoop writing,
        StreamTable streams,
        ReceiveBudget budget,
        bool synSent,
        TimeSpan finLinger,
        TimeProvider time
    )
    {
        Id = id;
        _writing = writing;
        _streams = streams;
        _synSent = synSent;
        _finLinger = finLinger;
        _time = time;
        _inbox = new StreamInbox(this, budget);
        _outbox = new Pipe(
            new PipeOptions(
                pauseWriterThreshold: OutboxBytes,
                resumeWriterThreshold: OutboxBytes / 2,
                minimumSegmentSize: TurnBytes,
                useSynchronizationContext: false
            )
        );
        Output = new SmuxStreamOutput(this, _outbox.Writer);
    }

    public uint Id { get; }

    public PipeReader Input => _inbox;

    public PipeWriter Output { get; }

    /// <summary>Data bytes handed to the transport.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Data bytes that arrived for the local reader, read or not.</summary>
    public long BytesReceived => _inbox.BytesReceived;

    /// <summary>Ends when the stream has: with success after both FINs, all data read or given up; with <see cref="SmuxStreamException"/>
    /// after a reset or the session's end. Who waits for a slow local socket watches this, to let go of it.</summary>
    public Task Completion => _completion.Task;

    internal long HeldBytes => _inbox.HeldBytes;

    /// <summary>Resets the stream: FIN at once, unsent data and data that still arrives are
    /// dropped. Without effect on a stream that has ended.</summary>
    public void Abort() => Reset(SmuxError.LocalReset, "The stream was reset here.");

    /// <summary>Resets the stream unless it has ended, and gives its memory back. Nobody may use Input and Output any more.</summary>
    public ValueTask DisposeAsync()
    {
        Abort();
        _inbox.Complete();
        _outbox.Writer.Complete();
        return ValueTask.CompletedTask;
    }

    internal void Reset(SmuxError code, string message) => End(new SmuxStreamException(code, Id, message));

    internal void OnSessionFailed(SmuxException failure)
    {
        bool hasAllData;
        lock (_gate)
        {
            // No FIN for a session's failure: to the peer it would look like an orderly end.
            _finSent = true;
            hasAllData = _finReceived;
            if (hasAllData)
                LeaveIfOver();
        }

        if (!hasAllData)
            End(new SmuxStreamException(SmuxError.SessionFailed, Id, $"The session ended: {failure.Message}", failure));
    }

    internal bool OnData(in ReadOnlySequence<byte> data) => _inbox.Write(data);

    internal void OnFin()
    {
        lock (_gate)
        {
            if (_finReceived || _error is not null)
                return;
            _finReceived = true;
            StopLinger();
            EndOutput();
        }

        _inbox.Finish();
        QueueTurn();
    }

    internal void OnInputEnded()
    {
        lock (_gate)
        {
            _inputEnded = true;
            LeaveIfOver();
        }

        QueueTurn();
    }

    internal void QueueTurn()
    {
        if (Interlocked.Exchange(ref _turnQueued, 1) == 0)
            _writing.QueueTurn(this);
    }

    void IFrameSource.WriteTurn(FrameWriter writer)
    {
        Interlocked.Exchange(ref _turnQueued, 0);
        lock (_gate)
        {
            if (_finSent)
                return;
            if (!_synSent && _error is not null)
            {
                _finSent = true;
                return;
            }

            if (!_synSent)
            {
                writer.Write(FrameCommand.Syn, Id);
                _synSent = true;
            }

            if (!_outputEnded)
                WriteData(writer);
            if (!IsFinDue())
                return;
            writer.Write(FrameCommand.Fin, Id);
            _finSent = true;
            StopLinger();
            LeaveIfOver();
        }
    }

    private void WriteData(FrameWriter writer)
    {
        if (!_outbox.Reader.TryRead(out var result))
            return;
        var data = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, TurnBytes - FrameHeader.SizeBytes));
        if (!data.IsEmpty)
        {
            writer.WriteData(Id, data);
            Interlocked.Add(ref _bytesSent, data.Length);
        }

        var rest = result.Buffer.Length - data.Length;
        _outbox.Reader.AdvanceTo(data.End);
        if (rest > 0)
            QueueTurn();
        else if (result.IsCompleted)
            EndOutput();
    }

    private bool IsFinDue()
    {
        if (_error is not null || _finReceived)
            return true;
        if (!_outputEnded)
            return false;
        if (_lingerOver || _inputEnded || _finLinger == TimeSpan.Zero)
            return true;
        if (_linger is null)
        {
            _receivedBeforeLinger = BytesReceived;
            _linger = _time.CreateTimer(static stream => ((SmuxStream)stream!).OnLingerTick(), this, _finLinger, _finLinger);
        }

        return false;
    }

    private void OnLingerTick()
    {
        lock (_gate)
        {
            var received = BytesReceived;
            _lingerOver = received == _receivedBeforeLinger;
            _receivedBeforeLinger = received;
            if (!_lingerOver)
                return;
        }

        QueueTurn();
    }

    private void End(SmuxStreamException error)
    {
        lock (_gate)
        {
            if (_error is not null || _left)
                return;
            _error = error;
            EndOutput(error);
            LeaveIfOver();
        }

        _inbox.Fail(error);
        QueueTurn();
    }

    private void EndOutput(SmuxStreamException? error = null)
    {
        if (_outputEnded)
            return;
        _outputEnded = true;
        _outbox.Reader.Complete(error);
    }

    private void LeaveIfOver()
    {
        if (_left || (_error is null && !(_finSent && _inputEnded)))
            return;
        _left = true;
        StopLinger();
        _streams.Remove(this);
        if (_error is null)
        {
            _completion.TrySetResult();
            return;
        }

        _completion.TrySetException(_error);
        // Whoever does not watch learns the same from Input and Output.
        _ = _completion.Task.Exception;
    }

    private void StopLinger()
    {
        _linger?.Dispose();
        _linger = null;
    }
}
