using System.Net.Sockets;

namespace RdsTunnel.Databases;

/// <summary>The tool's end, whose failures are told from the database's.</summary>
internal sealed class ToolConnection(Stream stream)
{
    private Stream _stream = stream;

    /// <summary>From now on, in both directions.</summary>
    public async Task EncryptAsync(StartLocalTls start, CancellationToken cancellationToken) =>
        _stream = await start(_stream, cancellationToken).ConfigureAwait(false);

    /// <exception cref="ToolGoneException">It has ended.</exception>
    public async Task ReadExactlyAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await _stream.ReadExactlyAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsGone(e))
        {
            throw new ToolGoneException();
        }
    }

    /// <exception cref="ToolGoneException">It has ended.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsGone(e))
        {
            throw new ToolGoneException();
        }
    }

    private static bool IsGone(Exception e) => e is IOException or SocketException or ObjectDisposedException;
}
