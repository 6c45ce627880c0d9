using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RdsTunnel.Loopback;

/// <summary>Who this process acts as, by number.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class UnixUser
{
    private const uint Root = 0;

    private static readonly uint Self = EffectiveUserId();

    public static PeerOwner OwnerOf(uint userId) =>
        userId == Self ? PeerOwner.Self
        : userId == Root ? PeerOwner.Root
        : PeerOwner.Other;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
