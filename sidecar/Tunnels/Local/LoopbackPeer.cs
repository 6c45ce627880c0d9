using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.Tunnels.Local;

/// <summary>What this machine can tell of the process at the other end of a loopback connection.</summary>
internal static class LoopbackPeer
{
    /// <summary>False when the connection belongs to another user of this machine. True also where the system does not tell.</summary>
    public static bool IsSameUser(Socket accepted) =>
        !OperatingSystem.IsLinux() || Find(accepted) is not { Inode: not 0 } owner || owner.UserId == SocketDiagnostics.EffectiveUserId();

    /// <summary>True when no process has the other end open any more: it has not merely shut down its sending side.
    /// False also where the system does not tell.</summary>
    public static bool IsGone(Socket accepted) => OperatingSystem.IsLinux() && Find(accepted) is { Inode: 0 };

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private static (uint UserId, uint Inode)? Find(Socket accepted) =>
        accepted is { RemoteEndPoint: IPEndPoint peer, LocalEndPoint: IPEndPoint self } ? SocketDiagnostics.Find(peer, self) : null;
}
