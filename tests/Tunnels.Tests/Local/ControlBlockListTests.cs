using System.Buffers.Binary;
using System.Net;
using RdsTunnel.Loopback;

namespace RdsTunnel.Tunnels.Tests.Local;

/// <summary>macOS's list of sockets, laid out by hand as its kernel writes it.</summary>
public sealed class ControlBlockListTests
{
    private const uint User = 501;

    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 54_321);
    private static readonly IPEndPoint Server = new(IPAddress.Loopback, 5432);

    [Fact]
    public void Find_TheClientsSocket_IsToldFromOurOwnEnd()
    {
        var list = List(Socket(Server, Client, userId: 0), Socket(Client, Server, User));
        Assert.Equal(new ControlBlock(User, IsOpen: true), ControlBlockList.Find(list, Client, Server));
        Assert.Equal(new ControlBlock(0, IsOpen: true), ControlBlockList.Find(list, Server, Client));
    }

    [Fact]
    public void Find_SocketThatNoProcessHasOpen_SaysSo() =>
        Assert.Equal(
            new ControlBlock(User, IsOpen: false),
            ControlBlockList.Find(List(Socket(Client, Server, User, state: 0x0001 | 0x2000)), Client, Server)
        );

    [Fact]
    public void Find_SocketOfBothFamilies_IsFoundByItsIPv4Address()
    {
        // As the kernel has it, and as IPv6 writes such an address.
        Assert.Equal(User, ControlBlockList.Find(List(Socket(Client, Server, User, family: 1, mapped: true)), Client, Server)?.UserId);
        Assert.Equal(User, ControlBlockList.Find(List(Socket(Client, Server, User, family: 2, mapped: true)), Client, Server)?.UserId);
    }

    [Fact]
    public void Find_OtherAddressPortOrFamily_IsNotIt()
    {
        var list = List(
            Socket(new(IPAddress.Parse("127.0.0.2"), Client.Port), Server, User),
            Socket(Client, new(IPAddress.Parse("127.0.0.2"), Server.Port), User),
            Socket(new(IPAddress.Loopback, Client.Port + 1), Server, User),
            Socket(Client, new(IPAddress.Loopback, Server.Port + 1), User),
            Socket(Client, Server, User, family: 2, mapped: false)
        );
        Assert.Null(ControlBlockList.Find(list, Client, Server));
    }

    [Fact]
    public void Find_ListCutOffAnywhere_IsTheSocketOrNothing()
    {
        var list = List(Socket(Server, Client, userId: 7), Socket(Client, Server, User));
        for (var length = 0; length < list.Length; length++)
        {
            var found = ControlBlockList.Find(list.AsSpan(0, length), Client, Server);
            Assert.True(found is null || found == new ControlBlock(User, IsOpen: true), $"{length}: {found}");
        }
    }

    [Fact]
    public void Find_SocketWithoutItsSecondRecord_TakesNobodyElses()
    {
        byte[] list = [.. Head(), .. Address(Client, Server, 1, mapped: false), .. Socket(Server, Client, userId: 7), .. Head()];
        Assert.Null(ControlBlockList.Find(list, Client, Server));
    }

    [Fact]
    public void Find_RandomBytes_NeverThrows()
    {
        var random = new Random(20_26);
        var clean = List(Socket(Server, Client, userId: 7), Socket(Client, Server, User));
        for (var i = 0; i < 20_000; i++)
        {
            var list = clean.ToArray();
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                list[random.Next(list.Length)] = (byte)random.Next(256);
            }

            _ = ControlBlockList.Find(list, Client, Server);
        }
    }

    private static byte[] List(params byte[][] sockets) => [.. Head(), .. sockets.SelectMany(socket => socket), .. Head()];

    // The length, the number of sockets, two generations. The number is where other records have their kind.
    private static byte[] Head()
    {
        var head = new byte[24];
        BinaryPrimitives.WriteInt32LittleEndian(head, 24);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), 0x10);
        return head;
    }

    private static byte[] Socket(
        IPEndPoint local,
        IPEndPoint remote,
        uint userId,
        ushort state = 0x0002,
        byte family = 1,
        bool mapped = false
    )
    {
        var socket = Record(104, 0x001);
        BinaryPrimitives.WriteUInt16LittleEndian(socket.AsSpan(26), state);
        BinaryPrimitives.WriteUInt32LittleEndian(socket.AsSpan(64), userId);
        BinaryPrimitives.WriteUInt32LittleEndian(socket.AsSpan(68), 4711); // the process that used it last
        // Buffers, statistics, TCP: of these lengths; the last but one ends on no multiple of 8.
        return
        [
            .. Address(local, remote, family, mapped),
            .. socket,
            .. Record(32, 0x002),
            .. Record(32, 0x004),
            .. Record(132, 0x008),
            .. new byte[4],
            .. Record(208, 0x020),
        ];
    }

    private static byte[] Address(IPEndPoint local, IPEndPoint remote, byte family, bool mapped)
    {
        var record = Record(104, 0x010);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(16), (ushort)remote.Port);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(18), (ushort)local.Port);
        record[44] = family;
        Write(remote.Address, record.AsSpan(48, 16));
        Write(local.Address, record.AsSpan(64, 16));
        return record;

        void Write(IPAddress address, Span<byte> bytes)
        {
            if (mapped)
            {
                address.MapToIPv6().TryWriteBytes(bytes, out _);
            }
            else
            {
                address.TryWriteBytes(bytes[12..], out _);
            }
        }
    }

    private static byte[] Record(int length, int kind)
    {
        var record = new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(record, length);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), kind);
        return record;
    }
}
