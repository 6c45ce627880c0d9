using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.Loopback;

/// <summary>
/// Asks the system whose a connection is, once it has shown that it knows: a connection of our own
/// has to be ours. A system that answers something
/// else, because it changed or is only a likeness of the one that it says it is, counts as one that never tells. Thread-safe.
/// </summary>
/// <param name="ask">Given the other end's address and ours.</param>
internal sealed class TriedOwners(Func<IPEndPoint, IPEndPoint, PeerOwner> ask)
{
    /// <summary>A connection within the machine is there at once; nothing may hold up the caller for long.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private volatile PeerOwner _ofOurOwn = PeerOwner.Unknown; // set under _gate; once known it stays

    public bool CanTell => OfOurOwn() is PeerOwner.Self or PeerOwner.Unknown;

    /// <summary>Looks for the socket that is bound to <paramref name="local"/> and connected to <paramref name="remote"/>.</summary>
    public PeerOwner Find(IPEndPoint local, IPEndPoint remote) =>
        OfOurOwn() switch
        {
            PeerOwner.Self => ask(local, remote),
            PeerOwner.Unknown => PeerOwner.Unknown,
            _ => PeerOwner.NotSupported,
        };

    private PeerOwner OfOurOwn()
    {
        if (_ofOurOwn == PeerOwner.Unknown)
        {
            lock (_gate)
            {
                if (_ofOurOwn == PeerOwner.Unknown)
                {
                    _ofOurOwn = Try();
                }
            }
        }

        return _ofOurOwn;
    }

    /// <returns>Unknown when no connection could be made: for want of descriptors, say. The next one asks again.</returns>
    private PeerOwner Try()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(listener.LocalEndpoint);
            // Somebody else may have found the port, too.
            while (listener.Server.Poll(MostPatience, SelectMode.SelectRead))
            {
                using var accepted = listener.AcceptSocket();
                if (accepted.RemoteEndPoint!.Equals(client.LocalEndPoint))
                {
                    return ask((IPEndPoint)accepted.RemoteEndPoint, (IPEndPoint)accepted.LocalEndPoint!);
                }
            }

            return PeerOwner.Unknown;
        }
        catch (SocketException)
        {
            return PeerOwner.Unknown;
        }
    }
}
