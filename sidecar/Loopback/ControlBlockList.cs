using System.Buffers.Binary;
using System.Net;

namespace RdsTunnel.Loopback;

/// <summary>Reads what macOS tells of all TCP sockets, the newest first: <c>net.inet.tcp.pcblist_n</c>.</summary>
/// <remarks>A header, then records that begin with their length and kind and end on a multiple of
/// 8. Of each socket there is first its address, then the
/// rest. Numbers are in the processor's order, which is little-endian on all Macs; ports and addresses in the network's.<code>
/// xinpgen             xinpcb_n, kind 0x10               xsocket_n, kind 1
/// 0   4  length, 24   0   4  length                     0   4  length
/// 4   4  count        4   4  kind                       4   4  kind
/// 8  16  generations  16  2  the other end's port       26  2  state: 1, no process has it open
///                     18  2  its own port               64  4  user id
///                     44  1  1: IPv4, 2: IPv6
///                     48 16  the other end's address; IPv4 in the last 4 bytes
///                     64 16  its own address
/// </code></remarks>
internal static class ControlBlockList
{
    private const int HeaderBytes = 24;
    private const int AddressKind = 0x10;
    private const int AddressBytes = 80;
    private const int SocketKind = 1;
    private const int SocketBytes = 68;
    private const byte IsInternet4 = 1;
    private const ushort HasNoDescriptor = 1;

    /// <summary>The socket that is bound to <paramref name="local"/> and connected to <paramref name="remote"/>.</summary>
    /// <param name="list">May have been cut off anywhere.</param>
    /// <returns>Null when it is not in the list.</returns>
    public static ControlBlock? Find(ReadOnlySpan<byte> list, IPEndPoint local, IPEndPoint remote)
    {
        Span<byte> wanted = stackalloc byte[2 * 16];
        if (!WriteAddress(remote.Address, wanted[..16]) || !WriteAddress(local.Address, wanted[16..]))
        {
            return null;
        }

        var isWanted = false;
        for (var rest = After(list, HeaderBytes); rest.Length >= 8; )
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (length <= HeaderBytes || length > rest.Length)
            {
                // The header comes again at the end.
                return null;
            }

            var record = rest[..length];
            switch (BinaryPrimitives.ReadInt32LittleEndian(rest[4..]))
            {
                case AddressKind:
                    isWanted =
                        length >= AddressBytes
                        && BinaryPrimitives.ReadUInt16BigEndian(record[16..]) == remote.Port
                        && BinaryPrimitives.ReadUInt16BigEndian(record[18..]) == local.Port
                        && (
                            (record[44] & IsInternet4) != 0
                                ? record.Slice(60, 4).SequenceEqual(wanted[12..16]) && record.Slice(76, 4).SequenceEqual(wanted[28..])
                                : record.Slice(48, 32).SequenceEqual(wanted)
                        );
                    break;
                case SocketKind when isWanted && length >= SocketBytes:
                    return new ControlBlock(
                        UserId: BinaryPrimitives.ReadUInt32LittleEndian(record[64..]),
                        IsOpen: (BinaryPrimitives.ReadUInt16LittleEndian(record[26..]) & HasNoDescriptor) == 0
                    );
                default:
                    break;
            }

            rest = After(rest, (length + 7) & ~7);
        }

        return null;
    }

    // An IPv4 address as IPv6 writes it: both kinds of sockets can be connected to it.
    private static bool WriteAddress(IPAddress address, Span<byte> bytes) => address.MapToIPv6().TryWriteBytes(bytes, out _);

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> bytes, int count) => count < bytes.Length ? bytes[count..] : [];
}

/// <param name="UserId">Of the process that made the socket, at that time.</param>
/// <param name="IsOpen">A process has it open.</param>
internal readonly record struct ControlBlock(uint UserId, bool IsOpen);
