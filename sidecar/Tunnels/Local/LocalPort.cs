using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.Local;

/// <summary>Binds a port, of this machine alone unless an address of a network is asked for.</summary>
internal static class LocalPort
{
    /// <summary>Below the ports that systems give to whoever connects (from 32768 on Linux, 49152 elsewhere): one of those,
    /// written into a database tool's settings, would belong to somebody's connection at a later start.</summary>
    private const int FirstFixed = 20_000,
        EndOfFixed = 32_768;

    /// <summary>More would not help where nothing may be bound at all.</summary>
    private const int MostTries = 32;

    /// <summary>Listens on a port that can be the same at later starts.</summary>
    /// <param name="port">0 for any free one.</param>
    /// <exception cref="TunnelException">The port cannot be bound.</exception>
    public static Socket ListenToStay(IPAddress address, int port)
    {
        for (var tries = 0; port == 0 && tries < MostTries; tries++)
        {
            try
            {
                return Listen(address, RandomNumberGenerator.GetInt32(FirstFixed, EndOfFixed));
            }
            catch (TunnelException)
            {
                // Taken, or reserved by the system: the next one.
            }
        }

        return Listen(address, port);
    }

    /// <param name="port">0 for any free one.</param>
    /// <returns>Bound, and listening.</returns>
    /// <exception cref="TunnelException">The port cannot be bound.</exception>
    public static Socket Listen(IPAddress address, int port)
    {
        var endpoint = new IPEndPoint(address, port);
        Socket? listener = null;
        try
        {
            listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (OperatingSystem.IsWindows())
            {
                // Otherwise another program could bind the same port, and take its connections.
                listener.ExclusiveAddressUse = true;
            }

            if (address.Equals(IPAddress.IPv6Any))
            {
                listener.DualMode = true;
            }

            listener.Bind(endpoint);
            listener.Listen();
            return listener;
        }
        catch (SocketException e)
        {
            listener?.Dispose();
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
            $"Couldn't listen on {endpoint}: {SafeText.Describe(cause)}. {AdviceFor(cause.SocketErrorCode)}.",
            cause
        );

    private static string AdviceFor(SocketError error) =>
        error switch
        {
            SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported => "Choose an address of this machine",
            SocketError.TooManyOpenSockets => "Close tunnels or connections, or raise the limit of open files (ulimit -n)",
            _ => "Choose another local port, 1024 or higher",
        };
}
