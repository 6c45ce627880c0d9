using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.Tunnels.Local;

/// <summary>What this machine can tell of the process at the other end of a loopback connection.</summary>
internal static class LoopbackPeer
{
    /// <summary>
    /// False when the connection belongs to another user of this machine, or to a process that has closed it already, so that nobody can
    /// tell whose it was. True also where the system does not tell at all.
    /// </summary>
    public static bool IsSameUser(Socket accepted) =>
        !OperatingSystem.IsLinux() || Find(accepted) is not { } owner
        || (owner.Inode != 0 && owner.UserId == SocketDiagnostics.EffectiveUserId());

    /// <summary>True when no process has the other end open any more: it has not merely shut down its sending side.
    /// False also where the system does not tell.</summary>
    public static bool IsGone(Socket accepted) => OperatingSystem.IsLinux() && Find(accepted) is { Inode: 0 };

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private static (uint UserId, uint Inode)? Find(Socket accepted) =>
        accepted is { RemoteEndPoint: IPEndPoint peer, LocalEndPoint: IPEndPoint self } ? SocketDiagnostics.Find(peer, self) : null;
}
