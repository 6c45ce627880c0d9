namespace RdsTunnel.Databases.MySql;

/// <summary>The rest of one compressed packet: it ends where the packet does, and nothing beyond is read.</summary>
internal sealed class CompressedBody(Stream stream, int bytes) : DuplexStream
{
    public int LeftBytes { get; private set; } = bytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (LeftBytes == 0)
        {
            return 0;
        }

        var read = await stream.ReadAsync(buffer[..Math.Min(buffer.Length, LeftBytes)], cancellationToken).ConfigureAwait(false);
        LeftBytes -= read > 0 || buffer.IsEmpty ? read : throw new EndOfStreamException();
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
