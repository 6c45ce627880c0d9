using System.Buffers;
using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RdsTunnel.Loopback;

/// <summary>Asks macOS about one TCP socket of this machine. Thread-safe.</summary>
/// <remarks>The kernel lists all sockets, the newest first, and stops where the buffer ends. A
/// connection that was just accepted is among the first, so
/// a short buffer answers for it, whatever the number of connections.</remarks>
[SupportedOSPlatform("macos")]
internal static partial class ControlBlocks
{
    private const string ListName = "net.inet.tcp.pcblist_n";
    private const int NoSuchEntry = 2;
    private const int OutOfMemory = 12;

    /// <summary>About a hundred sockets.</summary>
    private const int FirstBytes = 64 * 1024;

    /// <summary>About 25,000 sockets, far more than a Mac has in use.</summary>
    private const int MostBytes = 16 * 1024 * 1024;

    /// <summary>So that knocking makes us ask once at a time.</summary>
    private static readonly Lock Gate = new();

    /// <summary>Looks for the socket that is bound to <paramref name="local"/> and connected to <paramref name="remote"/>.</summary>
    public static PeerOwner Find(IPEndPoint local, IPEndPoint remote)
    {
        lock (Gate)
        {
            for (var size = FirstBytes; size <= MostBytes; size *= 4)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(size);
                try
                {
                    var length = (nuint)buffer.Length;
                    var error = SystemControl(ListName, buffer, ref length, 0, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();
                    if (error is not (0 or OutOfMemory))
                    {
                        return error == NoSuchEntry ? PeerOwner.NotSupported : PeerOwner.Unknown;
                    }

                    if (ControlBlockList.Find(buffer.AsSpan(0, (int)length), local, remote) is { } found)
                    {
                        return found.IsOpen ? UnixUser.OwnerOf(found.UserId) : PeerOwner.None;
                    }

                    if (error == 0)
                    {
                        return PeerOwner.None;
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }

            return PeerOwner.Unknown;
        }
    }

    [LibraryImport("libc", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int SystemControl(string name, Span<byte> oldValue, ref nuint oldLength, nint newValue, nuint newLength);
}
