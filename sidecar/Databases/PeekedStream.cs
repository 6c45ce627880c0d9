namespace RdsTunnel.Databases;

/// <summary>A stream whose first byte is waited for ahead of whoever reads it. The stream below belongs to it.</summary>
internal sealed class PeekedStream : DuplexStream
{
    private readonly Stream _stream;
    private readonly byte[] _first = new byte[1];
    private Task<int>? _peek;

    /// <param name="cancellationToken">Ends the waiting, and the stream's use with it.</param>
    public PeekedStream(Stream stream, CancellationToken cancellationToken)
    {
        _stream = stream;
        _peek = stream.ReadAsync(_first, cancellationToken).AsTask();
        Peeked = _peek;
    }

    /// <summary>Ends as the read of the first byte does. That byte, or the failure, is what the next read gets.</summary>
    public Task Peeked { get; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_peek is null)
        {
            return await _stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        var read = await _peek.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!buffer.IsEmpty) // an empty read only waits
        {
            _first.AsMemory(0, read).CopyTo(buffer);
            _peek = null;
        }

        return buffer.IsEmpty ? 0 : read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _stream.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => _stream.FlushAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
