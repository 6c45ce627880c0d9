using System.Buffers;

namespace RdsTunnel.DataChannels.Links;

/// <summary>Under the websocket, above TLS: makes one write of many small ones, and many small reads of one.</summary>
/// <remarks>
/// A websocket flushes each frame that it sends; a data channel sends thousands of frames of about 1 KiB each second. Inside a batch those
/// flushes are put off until the batch ends or <see cref="MaxBatchBytes"/> have gathered. Outside a batch everything passes through
/// at once, so pings and the upgrade request are never held back. Writers may run side by side with the batch's owner.
/// </remarks>
internal sealed class BatchingStream(Stream inner) : Stream
{
    /// <summary>One large write: beyond this, gathering saves no more calls worth naming.</summary>
    private const int MaxBatchBytes = 64 * 1024;

    /// <summary>What one read of the socket brings: some dozens of messages.</summary>
    private const int ReadBufferBytes = 16 * 1024;

    private readonly SemaphoreSlim _writing = new(1, 1);

    // Guarded by _writing.
    private byte[]? _batch;
    private int _batchBytes;

    // The reader's alone.
    private readonly byte[] _readBuffer = new byte[ReadBufferBytes];
    private int _readStart;
    private int _readEnd;

    private volatile bool _isInBatch;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void BeginBatch() => _isInBatch = true;

    public async ValueTask EndBatchAsync(CancellationToken cancellationToken)
    {
        _isInBatch = false;
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await FlushBatchAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_writing.Wait(0, CancellationToken.None))
        {
            if (_isInBatch && _batchBytes + buffer.Length <= MaxBatchBytes)
            {
                Append(buffer.Span);
                _writing.Release();
                return ValueTask.CompletedTask;
            }

            return WriteThroughAsync(buffer, cancellationToken);
        }

        return WaitAndWriteAsync(buffer, cancellationToken);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_readStart == _readEnd)
        {
            if (buffer.Length >= ReadBufferBytes || buffer.IsEmpty)
            {
                return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }

            _readStart = 0;
            _readEnd = 0;
            _readEnd = await inner.ReadAsync(_readBuffer, cancellationToken).ConfigureAwait(false);
        }

        var count = Math.Min(buffer.Length, _readEnd - _readStart);
        _readBuffer.AsMemory(_readStart, count).CopyTo(buffer);
        _readStart += count;
        return count;
    }

    // The websocket flushes after each frame; the batch's owner decides instead.
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _isInBatch ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    private async ValueTask WaitAndWriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        await WriteThroughAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    // Called with _writing held; releases it.
    private async ValueTask WriteThroughAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await FlushBatchAsync(cancellationToken).ConfigureAwait(false);
            if (_isInBatch && buffer.Length <= MaxBatchBytes)
            {
                Append(buffer.Span);
            }
            else
            {
                await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
                await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _batch ??= ArrayPool<byte>.Shared.Rent(MaxBatchBytes);
        bytes.CopyTo(_batch.AsSpan(_batchBytes));
        _batchBytes += bytes.Length;
    }

    private async ValueTask FlushBatchAsync(CancellationToken cancellationToken)
    {
        if (_batch is not { } batch)
        {
            return;
        }

        try
        {
            await inner.WriteAsync(batch.AsMemory(0, _batchBytes), cancellationToken).ConfigureAwait(false);
            await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _batch = null;
            _batchBytes = 0;
            ArrayPool<byte>.Shared.Return(batch);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    // The websocket and the HTTP stack above use the asynchronous, memory-based calls alone.
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
