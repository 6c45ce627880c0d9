using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RdsTunnel.Loopback;

/// <summary>What the kernel tells of the other end of a Unix-domain socket. Thread-safe.</summary>
/// <remarks><code>
/// Linux: SO_PEERCRED of SOL_SOCKET      macOS: LOCAL_PEERCRED of SOL_LOCAL
/// 0  4  process id                      0  4  version, 0
/// 4  4  user id                         4  4  user id
/// 8  4  group id                        8     groups
/// </code></remarks>
[UnsupportedOSPlatform("windows")]
internal static partial class SocketFilePeer
{
    private const short HungUp = 0x10;

    public static PeerOwner OwnerOf(Socket accepted)
    {
        var (level, name, length) = OperatingSystem.IsMacOS() ? (0, 1, 76) : (1, 17, 12);
        Span<byte> credentials = stackalloc byte[length];
        try
        {
            var written = accepted.GetRawSocketOption(level, name, credentials);
            return written < 8 || (OperatingSystem.IsMacOS() && BinaryPrimitives.ReadInt32LittleEndian(credentials) != 0)
                ? PeerOwner.Unknown
                : UnixUser.OwnerOf(BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return PeerOwner.Unknown;
        }
    }

    /// <summary>Whether the other end is closed, rather than its sending side shut down. Linux alone tells.</summary>
    public static bool IsGone(Socket accepted)
    {
        var isHeld = false;
        try
        {
            accepted.SafeHandle.DangerousAddRef(ref isHeld);
            var descriptor = new PollDescriptor { Descriptor = (int)accepted.SafeHandle.DangerousGetHandle() };
            return Poll(ref descriptor, 1, timeoutMilliseconds: 0) == 1 && (descriptor.Events & HungUp) != 0;
        }
        catch (ObjectDisposedException)
        {
            return true; // closed on this side
        }
        finally
        {
            if (isHeld)
            {
                accepted.SafeHandle.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptor, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Wanted;
        public short Events;
    }
}
