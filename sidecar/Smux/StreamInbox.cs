using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace RdsTunnel.Smux;

/// <summary>What arrived on a stream and waits for its local reader. Unlike a <see cref="Pipe"/>, it can drop what its reader does not hold
/// at this moment, so that a reset gives the memory back even while the reader is stuck. The writing side never waits; the reading side is
/// for one reader at a time.</summary>
internal sealed class StreamInbox(SmuxStream owner, ReceiveBudget budget) : PipeReader, IValueTaskSource<ReadResult>
{
    /// <summary>What one read gives beyond the bytes already examined: 128 KiB, since this much
    /// cannot be taken back from a reader.</summary>
    internal const int MaxReadBytes = 128 * 1024;

    // All guarded by _gate. Positions count from the stream's first byte.
    private readonly Lock _gate = new();
    private readonly InboxBuffer _buffer = new();
    private ManualResetValueTaskSourceCore<ReadResult> _pending = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private long _examined;
    private long _inHandEnd;
    private long _accountedBuffered;
    private long _accountedHeld;
    private long _received;
    private bool _waiting;
    private bool _canceled;
    private bool _finished;
    private bool _readerCompleted;
    private SmuxStreamException? _error;

    public long BytesReceived => Interlocked.Read(ref _received);

    public long HeldBytes
    {
        get
        {
            lock (_gate)
                return _accountedHeld;
        }
    }

    /// <summary>Copies <paramref name="data"/> in; false when nobody will read it.</summary>
    public bool Write(in ReadOnlySequence<byte> data)
    {
        lock (_gate)
        {
            if (_finished || _readerCompleted || _error is not null)
                return false;
            foreach (var memory in data)
                _buffer.Append(memory.Span);
            Interlocked.Add(ref _received, data.Length);
            Account();
            Wake();
            return true;
        }
    }

    /// <summary>Nothing more will come: the reader gets what is here, then the end.</summary>
    public void Finish()
    {
        bool ended;
        lock (_gate)
        {
            if (_finished || _readerCompleted || _error is not null)
                return;
            _finished = true;
            ended = _buffer.Start == _buffer.End;
            Wake();
        }

        if (ended)
            owner.OnInputEnded();
    }

    /// <summary>Drops all that the reader does not hold at this moment; its next read fails.</summary>
    public void Fail(SmuxStreamException error)
    {
        lock (_gate)
        {
            if (_readerCompleted || _error is not null)
                return;
            _error = error;
            _buffer.Truncate(Math.Max(_inHandEnd, _buffer.Start));
            Account();
            Wake();
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        lock (_gate)
        {
            ThrowIfUnreadable();
            return TryTake(out result);
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        ValueTask<ReadResult> pending;
        lock (_gate)
        {
            if (_error is not null)
                return ValueTask.FromException<ReadResult>(_error);
            ThrowIfUnreadable();
            if (TryTake(out var result))
                return new ValueTask<ReadResult>(result);
            _pending.Reset();
            _waiting = true;
            pending = new ValueTask<ReadResult>(this, _pending.Version);
        }

        // Outside of the lock, since a token that is canceled by now calls back at once. Nobody can await the result before this is stored.
        _cancellation = cancellationToken.UnsafeRegister(static (inbox, token) => ((StreamInbox)inbox!).OnReadCanceled(token), this);
        return pending;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        bool ended;
        lock (_gate)
        {
            if (_readerCompleted)
                throw new InvalidOperationException("The reader of this stream was completed.");
            var read = _buffer.PositionOf(consumed);
            var seen = _buffer.PositionOf(examined);
            if (read < _buffer.Start || seen < read || seen > _inHandEnd)
                throw new ArgumentOutOfRangeException(nameof(consumed), "Positions must lie in the buffer of the last read, in order.");
            _examined = seen;
            _inHandEnd = read;
            _buffer.Consume(read);
            if (_error is not null)
                _buffer.Truncate(read);
            Account();
            ended = _finished && _buffer.Start == _buffer.End;
        }

        if (ended)
            owner.OnInputEnded();
    }

    public override void CancelPendingRead()
    {
        lock (_gate)
        {
            _canceled = true;
            Wake();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_readerCompleted)
                return;
            _readerCompleted = true;
            _inHandEnd = _buffer.Start;
            _buffer.Truncate(_buffer.Start);
            Account();
            if (_waiting)
            {
                _waiting = false;
                _pending.SetException(new InvalidOperationException("The reader of this stream was completed."));
            }
        }

        owner.OnInputEnded();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _cancellation.Dispose();
        return _pending.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _pending.OnCompleted(continuation, state, token, flags);

    private void ThrowIfUnreadable()
    {
        if (_readerCompleted)
            throw new InvalidOperationException("The reader of this stream was completed.");
        if (_waiting)
            throw new InvalidOperationException("A read of this stream is pending already.");
        if (_error is not null)
            throw _error;
    }

    private void OnReadCanceled(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_waiting)
                return;
            _waiting = false;
            _pending.SetException(new OperationCanceledException(cancellationToken));
        }
    }

    private void Wake()
    {
        if (!_waiting)
            return;
        if (_error is not null)
        {
            _waiting = false;
            _pending.SetException(_error);
        }
        else if (TryTake(out var result))
        {
            _waiting = false;
            _pending.SetResult(result);
        }
    }

    private bool TryTake(out ReadResult result)
    {
        if (_buffer.End <= _examined && !_finished && !_canceled)
        {
            result = default;
            return false;
        }

        _inHandEnd = Math.Min(_buffer.End, Math.Max(_examined, _buffer.Start) + MaxReadBytes);
        result = new ReadResult(_buffer.Slice(_inHandEnd), _canceled, _finished && _inHandEnd == _buffer.End);
        _canceled = false;
        return true;
    }

    private void Account()
    {
        var buffered = _buffer.End - _buffer.Start;
        var held = _buffer.HeldBytes;
        budget.Account(buffered - _accountedBuffered, _accountedHeld, held);
        _accountedBuffered = buffered;
        _accountedHeld = held;
    }
}
