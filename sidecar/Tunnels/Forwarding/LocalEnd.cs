using System.Net.Security;
using System.Net.Sockets;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>The tool's end of a connection: its socket, with TLS on top where the tool asked for that. Whatever fails here
/// fails as a socket does.</summary>
internal sealed class LocalEnd(Socket socket, SslStream? tls)
{
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (tls is null)
        {
            return await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await tls.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw Broken(e);
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (tls is null)
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes).ConfigureAwait(false)..];
            }

            return;
        }

        try
        {
            await tls.WriteAsync(bytes).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw Broken(e);
        }
    }

    /// <summary>Says that nothing more comes, either way.</summary>
    public async ValueTask EndAsync()
    {
        try
        {
            if (tls is not null)
            {
                await tls.ShutdownAsync().ConfigureAwait(false);
            }

            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // It has gone already.
        }
    }

    private static SocketException Broken(IOException e) =>
        e.InnerException as SocketException ?? new SocketException((int)SocketError.ConnectionReset);
}
