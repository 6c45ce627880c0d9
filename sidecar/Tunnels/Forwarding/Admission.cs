using System.Net.Sockets;
using RdsTunnel.Loopback;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Who may connect to a tunnel's port.</summary>
internal static class Admission
{
    /// <returns>Null when this user has the other end, or the system never tells.</returns>
    public static string? RefusalOf(Socket accepted) =>
        LoopbackPeer.OwnerOf(accepted) switch
        {
            PeerOwner.Self or PeerOwner.NotSupported => null,
            PeerOwner.Root => "it isn't from this user, but from root",
            PeerOwner.Other => "it isn't from this user, but from another one",
            PeerOwner.Hidden => "it isn't from this user, or from a program that runs as administrator",
            PeerOwner.None => "its client has already closed it",
            _ => "the system can't tell at the moment whose it is",
        };

    /// <returns>Why every user of the computer can connect; null when only this one can.</returns>
    public static string? OpennessOf(bool othersMay) =>
        othersMay ? "that is allowed by the setting"
        : LoopbackPeer.CanTell ? null
        : "this system doesn't tell whose a connection is";
}
