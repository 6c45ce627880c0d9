using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.Loopback;

/// <summary>What this machine can tell of the process at the other end of a loopback connection. Thread-safe.</summary>
public static class LoopbackPeer
{
    private const uint Root = 0;

    private static readonly uint? Self = OperatingSystem.IsLinux() ? SocketDiagnostics.EffectiveUserId() : null;

    /// <summary>Whether this system tells whose a connection is.</summary>
    public static bool CanTell => OperatingSystem.IsLinux() && SocketDiagnostics.Find(Nobody, Nobody).Kind != SocketOwnerKind.NotSupported;

    private static IPEndPoint Nobody { get; } = new(IPAddress.Loopback, 1);

    /// <summary>
    /// False when the connection belongs to another user of this machine, when its process has closed it already so that nobody can tell whose
    /// it was, and when the system should tell but failed to (it is out of memory, say). True where the system never tells.
    /// </summary>
    public static bool IsSameUser(Socket accepted) => Find(accepted) switch
    {
        { Kind: SocketOwnerKind.User } owner => owner.UserId == Self,
        { Kind: SocketOwnerKind.NotSupported } => true,
        _ => false,
    };

    /// <summary>As <see cref="IsSameUser"/>; root counts, too: a browser outside of a virtual machine comes through a relay of that user.</summary>
    public static bool IsSameUserOrRoot(Socket accepted) =>
        Find(accepted) is { Kind: SocketOwnerKind.User, UserId: Root } || IsSameUser(accepted);

    /// <summary>True when no process has the other end open any more: it has not merely shut down its sending side.
    /// False also where the system does not tell.</summary>
    public static bool IsGone(Socket accepted) => Find(accepted).Kind == SocketOwnerKind.None;

    /// <summary>True when nobody is left to be served. Where the system never tells whether a process has the other end open, a connection that has ended
    /// without a byte counts.</summary>
    public static bool HasGivenUp(Socket accepted) => Find(accepted).Kind switch
    {
        SocketOwnerKind.None => true,
        SocketOwnerKind.NotSupported => HasEndedWithoutAByte(accepted),
        _ => false,
    };

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

    private static SocketOwner Find(Socket accepted) =>
        OperatingSystem.IsLinux() && accepted is { RemoteEndPoint: IPEndPoint peer, LocalEndPoint: IPEndPoint self }
            ? SocketDiagnostics.Find(peer, self) : new SocketOwner(SocketOwnerKind.NotSupported);
}
