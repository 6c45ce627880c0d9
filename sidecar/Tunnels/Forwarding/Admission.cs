using System.Net.Sockets;
using RdsTunnel.Loopback;
using RdsTunnel.Tunnels.Measures;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Who may connect to a tunnel's port.</summary>
internal static class Admission
{
    /// <returns>Null when this user has the other end, or the system never tells.</returns>
    public static Refusal? RefusalOf(Socket accepted) =>
        LoopbackPeer.OwnerOf(accepted) switch
        {
            PeerOwner.Self or PeerOwner.NotSupported => null,
            PeerOwner.Root => new(RefusalReason.OtherUser, "it isn't from this user, but from root"),
            PeerOwner.Other => new(RefusalReason.OtherUser, "it isn't from this user, but from another one"),
            PeerOwner.Hidden => new(RefusalReason.OtherUser, "it isn't from this user, or from a program that runs as administrator"),
            PeerOwner.None => new(RefusalReason.ClientGone, "its client has already closed it"),
            _ => new(RefusalReason.OwnerUnknown, "the system can't tell at the moment whose it is"),
        };

    /// <returns>Why every user of the computer can connect; null when only this one can.</returns>
    public static string? OpennessOf(bool othersMay) =>
        othersMay ? "that is allowed by the setting"
        : LoopbackPeer.CanTell ? null
        : "this system doesn't tell whose a connection is";
}

/// <summary>Why a connection is not served, also in words.</summary>
internal sealed record Refusal(RefusalReason Reason, string Words);
