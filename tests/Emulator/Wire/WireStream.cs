namespace RdsTunnel.Emulator.Wire;

/// <summary>A connection under a websocket. Reads ahead, since a websocket reads each header and payload apart; gathers the writes
/// between <see cref="BeginBatch"/> and <see cref="EndBatchAsync"/>, since each message of 1 kB would otherwise cost a system call.
/// One reader; writers may be many.</summary>
internal sealed class WireStream(Stream inner, RelayLink link) : Stream
{
    private const int ReadAheadBytes = 32 * 1024;
    private const int WriteBufferBytes = 64 * 1024;

    private readonly byte[] _readAhead = new byte[ReadAheadBytes];
    private readonly byte[] _gathered = new byte[WriteBufferBytes];
    private readonly SemaphoreSlim _writing = new(1);
    private int _readAheadStart;
    private int _readAheadEnd;

    // Guarded by _writing.
    private int _gatheredBytes;
    private volatile bool _isBatching;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void BeginBatch() => _isBatching = true;

    public ValueTask EndBatchAsync(CancellationToken cancellationToken)
    {
        _isBatching = false;
        return WriteAsync(ReadOnlyMemory<byte>.Empty, cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _readAheadStart < _readAheadEnd && !link.IsFrozen
            ? ValueTask.FromResult(TakeReadAhead(buffer))
            : ReadInnerAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_writing.Wait(0, CancellationToken.None))
        {
            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            if (_gatheredBytes + buffer.Length > WriteBufferBytes)
            {
                await FlushGatheredAsync(cancellationToken).ConfigureAwait(false);
            }

            if (buffer.Length > WriteBufferBytes)
            {
                await WriteInnerAsync(buffer, cancellationToken).ConfigureAwait(false);
                return;
            }

            buffer.CopyTo(_gathered.AsMemory(_gatheredBytes));
            _gatheredBytes += buffer.Length;
            if (!_isBatching)
            {
                await FlushGatheredAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int TakeReadAhead(Memory<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _readAheadEnd - _readAheadStart);
        _readAhead.AsMemory(_readAheadStart, count).CopyTo(buffer);
        _readAheadStart += count;
        return count;
    }

    private async ValueTask<int> ReadInnerAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_readAheadStart == _readAheadEnd)
        {
            _readAheadStart = 0;
            _readAheadEnd = await inner.ReadAsync(_readAhead, cancellationToken).ConfigureAwait(false);
        }

        if (link.IsFrozen)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, link.Aborted).ConfigureAwait(false);
        }

        return TakeReadAhead(buffer);
    }

    private async ValueTask FlushGatheredAsync(CancellationToken cancellationToken)
    {
        if (_gatheredBytes > 0)
        {
            await WriteInnerAsync(_gathered.AsMemory(0, _gatheredBytes), cancellationToken).ConfigureAwait(false);
            _gatheredBytes = 0;
        }
    }

    // What is written to a half-open link goes nowhere.
    private ValueTask WriteInnerAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken) =>
        link.IsFrozen ? ValueTask.CompletedTask : inner.WriteAsync(buffer, cancellationToken);
}
