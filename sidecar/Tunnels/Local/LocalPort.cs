using System.Net;
using System.Net.Sockets;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.Local;

/// <summary>Binds a port of 127.0.0.1.</summary>
internal static class LocalPort
{
    /// <param name="port">0 for any free one.</param>
    /// <returns>Bound, and listening.</returns>
    /// <exception cref="TunnelException">The port cannot be bound.</exception>
    public static Socket Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                // Otherwise another program could bind the same port, and take its connections.
                listener.ExclusiveAddressUse = true;
            }

            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            listener.Listen();
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw e.SocketErrorCode == SocketError.AddressAlreadyInUse ? InUse(port, e) : Denied(port, e);
        }
    }

    private static TunnelException InUse(int port, SocketException cause) => new(
        TunnelErrorCode.LocalPortInUse,
        $"Port 127.0.0.1:{port} is in use by {PortOwner.Find(port) ?? "another process"}. Close that program, or choose another local port.", cause);

    private static TunnelException Denied(int port, SocketException cause) => new(
        TunnelErrorCode.LocalPortDenied,
        $"Couldn't listen on 127.0.0.1:{port}: {SafeText.Describe(cause)}. Choose another local port, 1024 or higher.", cause);
}
