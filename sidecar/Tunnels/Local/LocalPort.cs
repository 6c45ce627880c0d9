using System.Net;
using System.Net.Sockets;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.Local;

/// <summary>Binds a port of this machine alone.</summary>
internal static class LocalPort
{
    /// <inheritdoc cref="Listen(IPAddress, int)"/>
    public static Socket Listen(int port) => Listen(IPAddress.Loopback, port);

    /// <param name="address">Of the loopback, IPv4.</param>
    /// <param name="port">0 for any free one.</param>
    /// <returns>Bound, and listening.</returns>
    /// <exception cref="TunnelException">The port cannot be bound.</exception>
    public static Socket Listen(IPAddress address, int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var endpoint = new IPEndPoint(address, port);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                // Otherwise another program could bind the same port, and take its connections.
                listener.ExclusiveAddressUse = true;
            }

            listener.Bind(endpoint);
            listener.Listen();
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw e.SocketErrorCode == SocketError.AddressAlreadyInUse ? InUse(endpoint, e) : Denied(endpoint, e);
        }
    }

    private static TunnelException InUse(IPEndPoint endpoint, SocketException cause) =>
        new(
            TunnelErrorCode.LocalPortInUse,
            $"Port {endpoint} is in use by {PortOwner.Find(endpoint.Port) ?? "another process"}. Close that program, or choose another local port.",
            cause
        );

    private static TunnelException Denied(IPEndPoint endpoint, SocketException cause) =>
        new(
            TunnelErrorCode.LocalPortDenied,
            $"Couldn't listen on {endpoint}: {SafeText.Describe(cause)}. Choose another local port, 1024 or higher.",
            cause
        );
}
