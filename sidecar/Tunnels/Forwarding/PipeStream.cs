using RdsTunnel.Databases;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>A connection to the target as a stream, for TLS. Whoever has the connection ends it.</summary>
internal sealed class PipeStream(PortConnection connection) : DuplexStream
{
    private bool _hasRead; // by the only reader

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var result = await connection.Pipe.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
        var read = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        var position = 0;
        foreach (var segment in read)
        {
            segment.CopyTo(buffer[position..]);
            position += segment.Length;
        }

        connection.Pipe.Input.AdvanceTo(read.End);
        _hasRead |= position > 0;
        if (!_hasRead && result.IsCompleted && connection.MayBeRefused)
        {
            throw connection.Refusal();
        }

        return position;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if ((await connection.Pipe.Output.WriteAsync(buffer, cancellationToken).ConfigureAwait(false)).IsCompleted)
        {
            throw new IOException("The target has closed the connection.");
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask; // each write is one
}
