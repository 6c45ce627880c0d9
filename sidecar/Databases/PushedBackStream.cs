namespace RdsTunnel.Databases;

/// <summary>A stream of which some bytes have been read already, and are read again. The stream below belongs to it.</summary>
internal sealed class PushedBackStream(ReadOnlyMemory<byte> first, Stream stream) : OuterStream(stream)
{
    private ReadOnlyMemory<byte> _first = first;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_first.IsEmpty)
        {
            return Inner.ReadAsync(buffer, cancellationToken);
        }

        var read = Math.Min(_first.Length, buffer.Length);
        _first[..read].CopyTo(buffer);
        _first = _first[read..];
        return new(read);
    }
}
