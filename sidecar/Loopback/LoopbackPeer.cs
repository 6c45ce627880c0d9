using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace RdsTunnel.Loopback;

/// <summary>What this machine can tell of the process at the other end of a connection within it. Thread-safe.</summary>
public static class LoopbackPeer
{
    private static readonly TriedOwners Owners = new(Ask);

    /// <summary>Whether this system tells whose a connection is: it knows one of our own as ours.</summary>
    public static bool CanTell => Owners.CanTell;

    /// <summary>Whether this system tells a client that has closed its connection from one that has
    /// only shut down its sending side.</summary>
    private static bool CanTellWhoIsGone => OperatingSystem.IsLinux();

    /// <param name="accepted">Of a port, or of a Unix-domain socket.</param>
    public static PeerOwner OwnerOf(Socket accepted) =>
        IsOfFile(accepted) ? SocketFilePeer.OwnerOf(accepted)
        : accepted is { RemoteEndPoint: IPEndPoint peer, LocalEndPoint: IPEndPoint self } && IPAddress.IsLoopback(self.Address)
            ? Owners.Find(AsItIsBound(peer), AsItIsBound(self))
        : PeerOwner.NotSupported; // of a network

    /// <summary>
    /// False when the connection belongs to another user of this machine, when its process has
    /// closed it already so that nobody can tell whose
    /// it was, and when the system should tell but failed to (it is out of memory, say). True where the system never tells.
    /// </summary>
    public static bool IsSameUser(Socket accepted) => OwnerOf(accepted) is PeerOwner.Self or PeerOwner.NotSupported;

    /// <summary>As <see cref="IsSameUser"/>; root counts, too: a browser outside of a virtual
    /// machine comes through a relay of that user.</summary>
    public static bool IsSameUserOrRoot(Socket accepted) => OwnerOf(accepted) is PeerOwner.Self or PeerOwner.Root or PeerOwner.NotSupported;

    /// <summary>True when no process has the other end open any more: it has not merely shut down its sending side.
    /// False also where the system does not tell.</summary>
    public static bool IsGone(Socket accepted) =>
        CanTellWhoIsGone && (IsOfFile(accepted) ? SocketFilePeer.IsGone(accepted) : OwnerOf(accepted) == PeerOwner.None);

    /// <summary>True when nobody is left to be served. Where the system never tells whether a
    /// process has the other end open, a connection that has ended
    /// without a byte counts.</summary>
    public static bool HasGivenUp(Socket accepted) =>
        !CanTellWhoIsGone ? HasEndedWithoutAByte(accepted)
        : IsOfFile(accepted) ? SocketFilePeer.IsGone(accepted)
        : OwnerOf(accepted) switch
        {
            PeerOwner.None => true,
            PeerOwner.NotSupported => HasEndedWithoutAByte(accepted),
            _ => false,
        };

    [UnsupportedOSPlatformGuard("windows")]
    private static bool IsOfFile(Socket accepted) => !OperatingSystem.IsWindows() && accepted.AddressFamily == AddressFamily.Unix;

    // The other end of a socket for both families may be one for IPv4 alone.
    private static IPEndPoint AsItIsBound(IPEndPoint end) =>
        end.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(end.Address.MapToIPv4(), end.Port) : end;

    private static bool HasEndedWithoutAByte(Socket accepted)
    {
        try
        {
            return accepted.Poll(TimeSpan.Zero, SelectMode.SelectRead) && accepted.Available == 0;
        }
        catch (SocketException)
        {
            return true; // it was reset
        }
    }

    private static PeerOwner Ask(IPEndPoint local, IPEndPoint remote) =>
        OperatingSystem.IsLinux() ? SocketDiagnostics.Find(local, remote)
        : OperatingSystem.IsMacOS() ? ControlBlocks.Find(local, remote)
        : OperatingSystem.IsWindows() ? ConnectionTable.Find(local, remote)
        : PeerOwner.NotSupported;
}
