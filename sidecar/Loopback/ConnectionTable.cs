using System.Buffers;
using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RdsTunnel.Loopback;

/// <summary>Asks Windows about one TCP connection of this machine: which process has it, and as
/// which user that runs. Thread-safe.</summary>
[SupportedOSPlatform("windows")]
internal static partial class ConnectionTable
{
    /// <summary>TCP_TABLE_OWNER_PID_CONNECTIONS.</summary>
    private const int ConnectionsWithProcess = 4;

    private const uint BufferTooSmall = 122;

    /// <summary>More than a thousand connections.</summary>
    private const int FirstBytes = 32 * 1024;

    /// <summary>Hundreds of thousands of connections: more than a machine has ports.</summary>
    private const int MostBytes = 16 * 1024 * 1024;

    /// <summary>So that knocking makes us ask once at a time.</summary>
    private static readonly Lock Gate = new();

    /// <summary>Looks for the socket that is bound to <paramref name="local"/> and connected to <paramref name="remote"/>.</summary>
    public static PeerOwner Find(IPEndPoint local, IPEndPoint remote)
    {
        lock (Gate)
        {
            if (!TryFind(ConnectionTableLayout.Internet4, local, remote, out var processId))
            {
                return PeerOwner.Unknown;
            }

            if (processId is null)
            {
                // A system without IPv6 has no such table, and no such socket.
                _ = TryFind(ConnectionTableLayout.Internet6, local, remote, out processId);
            }

            return processId is { } id ? ProcessUser.OwnerOf(id) : PeerOwner.None;
        }
    }

    /// <returns>False when there is no table.</returns>
    private static bool TryFind(ConnectionTableLayout layout, IPEndPoint local, IPEndPoint remote, out uint? processId)
    {
        processId = null;
        for (var size = FirstBytes; size <= MostBytes; )
        {
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                var length = (uint)buffer.Length;
                switch (GetTable(buffer, ref length, isSorted: 0, layout.Family, ConnectionsWithProcess, 0))
                {
                    case 0:
                        processId = layout.ProcessOf(buffer.AsSpan(0, (int)Math.Min(length, (uint)buffer.Length)), local, remote);
                        return true;
                    case BufferTooSmall:
                        // Connections may be added before the next call.
                        size = (int)Math.Max((uint)buffer.Length * 2L, Math.Min(length * 5L / 4, MostBytes));
                        break;
                    default:
                        return false;
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        return false;
    }

    [LibraryImport("iphlpapi.dll", EntryPoint = "GetExtendedTcpTable")]
    private static partial uint GetTable(Span<byte> table, ref uint length, int isSorted, uint family, int tableClass, uint reserved);
}
