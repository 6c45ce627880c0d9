using System.Buffers.Binary;
using System.Net;

namespace RdsTunnel.Loopback;

/// <summary>Reads Windows' tables of TCP connections with their processes. Addresses and ports are
/// in network order, the rest in little-endian.</summary>
/// <remarks><code>
/// MIB_TCPTABLE_OWNER_PID            MIB_TCP6TABLE_OWNER_PID
/// 0   4  number of rows             0   4  number of rows
/// 4      rows of 24 bytes:          4      rows of 56 bytes:
///   0   4  state                      0  16  local address
///   4   4  local address             16   4  its scope
///   8   2  local port, 2 of nothing  20   2  local port, 2 of nothing
///  12   4  remote address            24  16  remote address
///  16   2  remote port, 2 of nothing 40   4  its scope
///  20   4  process id                44   2  remote port, 2 of nothing
///                                    48   4  state
///                                    52   4  process id
/// </code></remarks>
internal sealed class ConnectionTableLayout
{
    private const int CountBytes = 4;

    public static readonly ConnectionTableLayout Internet4 = new()
    {
        Family = 2,
        RowBytes = 24,
        AddressBytes = 4,
        LocalAddress = 4,
        LocalPort = 8,
        RemoteAddress = 12,
        RemotePort = 16,
        ProcessId = 20,
    };

    /// <summary>A socket for both kinds of addresses may be connected to one of IPv4, and Windows may list it here.</summary>
    public static readonly ConnectionTableLayout Internet6 = new()
    {
        Family = 23,
        RowBytes = 56,
        AddressBytes = 16,
        LocalAddress = 0,
        LocalPort = 20,
        RemoteAddress = 24,
        RemotePort = 44,
        ProcessId = 52,
    };

    /// <summary>As the table is asked for: AF_INET, AF_INET6.</summary>
    public required uint Family { get; init; }

    private int RowBytes { get; init; }

    private int AddressBytes { get; init; }

    private int LocalAddress { get; init; }

    private int LocalPort { get; init; }

    private int RemoteAddress { get; init; }

    private int RemotePort { get; init; }

    private int ProcessId { get; init; }

    /// <summary>Whose the socket is that is bound to <paramref name="local"/> and connected to <paramref name="remote"/>.</summary>
    /// <returns>A process id; null when there is no such row.</returns>
    public uint? ProcessOf(ReadOnlySpan<byte> table, IPEndPoint local, IPEndPoint remote)
    {
        Span<byte> addresses = stackalloc byte[2 * 16];
        if (
            table.Length < CountBytes
            || !local.Address.MapToIPv6().TryWriteBytes(addresses, out _)
            || !remote.Address.MapToIPv6().TryWriteBytes(addresses[16..], out _)
        )
        {
            return null;
        }

        var localAddress = addresses[(16 - AddressBytes)..16];
        var remoteAddress = addresses[(32 - AddressBytes)..];
        var rows = table[CountBytes..];
        for (
            var left = BinaryPrimitives.ReadUInt32LittleEndian(table);
            left > 0 && rows.Length >= RowBytes;
            left--, rows = rows[RowBytes..]
        )
        {
            if (
                BinaryPrimitives.ReadUInt16BigEndian(rows[LocalPort..]) == local.Port
                && BinaryPrimitives.ReadUInt16BigEndian(rows[RemotePort..]) == remote.Port
                && rows.Slice(LocalAddress, AddressBytes).SequenceEqual(localAddress)
                && rows.Slice(RemoteAddress, AddressBytes).SequenceEqual(remoteAddress)
            )
            {
                return BinaryPrimitives.ReadUInt32LittleEndian(rows[ProcessId..]);
            }
        }

        return null;
    }
}
