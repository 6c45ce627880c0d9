using System.Net.Sockets;

namespace RdsTunnel.Databases;

/// <summary>The tool's end, whose failures are told from the database's.</summary>
internal sealed class ToolConnection(Stream stream)
{
    private Stream _stream = stream;

    /// <summary>From now on, in both directions.</summary>
    /// <param name="first">What of the tool's first record has been read already.</param>
    /// <returns>What is spoken with the tool.</returns>
    public async Task<Stream> EncryptAsync(StartLocalTls start, ReadOnlyMemory<byte> first, CancellationToken cancellationToken) =>
        _stream = await start(first.IsEmpty ? _stream : new PushedBackStream(first, _stream), cancellationToken).ConfigureAwait(false);

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
