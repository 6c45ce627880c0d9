namespace RdsTunnel.Databases;

/// <summary>A stream whose first byte is waited for ahead of whoever reads it. The stream below belongs to it.</summary>
internal sealed class PeekedStream : OuterStream
{
    private readonly byte[] _first = new byte[1];
    private Task<int>? _peek;

    /// <param name="cancellationToken">Ends the waiting, and the stream's use with it.</param>
    public PeekedStream(Stream stream, CancellationToken cancellationToken)
        : base(stream) => PeekAgain(cancellationToken);

    /// <summary>Ends as the read of the first byte does. That byte, or the failure, is what the next read gets.</summary>
    public Task Peeked { get; private set; } = Task.CompletedTask;

    /// <summary>The byte that was waited for; null when there is none, or nobody knows yet.</summary>
    public byte? First => Peeked is Task<int> { IsCompletedSuccessfully: true, Result: 1 } ? _first[0] : null;

    /// <summary>Waits for the next byte, once the first one has been read.</summary>
    public void PeekAgain(CancellationToken cancellationToken) => Peeked = _peek ??= Inner.ReadAsync(_first, cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_peek is null)
        {
            return await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        var read = await _peek.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!buffer.IsEmpty) // an empty read only waits
        {
            _first.AsMemory(0, read).CopyTo(buffer);
            _peek = null;
        }

        return buffer.IsEmpty ? 0 : read;
    }
}
