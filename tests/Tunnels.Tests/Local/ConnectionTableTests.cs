using System.Net;
using RdsTunnel.Loopback;

namespace RdsTunnel.Tunnels.Tests.Local;

/// <summary>Windows' tables of connections, byte by byte.</summary>
public sealed class ConnectionTableTests
{
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 54_321); // 0xd431
    private static readonly IPEndPoint Server = new(IPAddress.Loopback, 5432); // 0x1538

    // Two rows: our own end, then the client's. What follows a port is left over from something else.
    private const string Internet4 =
        "02000000"
        + "05000000"
        + "7f000001"
        + "1538cdcd"
        + "7f000001"
        + "d431cdcd"
        + "a0010000"
        + "05000000"
        + "7f000001"
        + "d431cdcd"
        + "7f000001"
        + "1538cdcd"
        + "b4120000";

    // One row: a socket of both families.
    private const string Internet6 =
        "01000000"
        + "00000000000000000000ffff7f000001"
        + "00000000"
        + "d4310000"
        + "00000000000000000000ffff7f000001"
        + "00000000"
        + "15380000"
        + "05000000"
        + "b4120000";

    [Theory]
    [InlineData(Internet4, 2)]
    [InlineData(Internet6, 23)]
    public void ProcessOf_TheClientsSocket_IsItsProcess(string table, uint family) =>
        Assert.Equal(0x12b4u, LayoutOf(family).ProcessOf(Convert.FromHexString(table), Client, Server));

    [Fact]
    public void ProcessOf_OurOwnEnd_IsAnother() =>
        Assert.Equal(0x1a0u, ConnectionTableLayout.Internet4.ProcessOf(Convert.FromHexString(Internet4), Server, Client));

    [Theory]
    [InlineData(Internet4, 2)]
    [InlineData(Internet6, 23)]
    public void ProcessOf_OtherAddressOrPort_IsNone(string table, uint family)
    {
        var bytes = Convert.FromHexString(table);
        var layout = LayoutOf(family);
        var elsewhere = IPAddress.Parse("127.0.0.2");
        Assert.Null(layout.ProcessOf(bytes, new(elsewhere, Client.Port), Server));
        Assert.Null(layout.ProcessOf(bytes, Client, new(elsewhere, Server.Port)));
        Assert.Null(layout.ProcessOf(bytes, new(IPAddress.Loopback, Client.Port + 1), Server));
        Assert.Null(layout.ProcessOf(bytes, Client, new(IPAddress.Loopback, Server.Port + 1)));
    }

    [Theory]
    [InlineData(Internet4, 2)]
    [InlineData(Internet6, 23)]
    public void ProcessOf_TableCutOffAnywhere_IsNone(string table, uint family)
    {
        var bytes = Convert.FromHexString(table);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Null(LayoutOf(family).ProcessOf(bytes.AsSpan(0, length), Client, Server));
        }
    }

    [Fact]
    public void ProcessOf_RowBeyondTheTablesCount_IsNone()
    {
        var bytes = Convert.FromHexString(Internet4);
        bytes[0] = 1;
        Assert.Null(ConnectionTableLayout.Internet4.ProcessOf(bytes, Client, Server));
    }

    [Fact]
    public void SidOf_TokenUser_IsTheSidThatItPointsTo()
    {
        const long Address = 0x7ff6_0000_1000;
        var sid = "0105000000000005150000000102030405060708090a0b0ce9030000"; // S-1-5-21-…-1001
        var information = Convert.FromHexString("1010" + "0000f67f0000" + "0000000000000000" + sid + "cdcd");
        Assert.Equal(sid, Convert.ToHexStringLower(TokenUser.SidOf(information, Address)));
    }

    [Theory]
    [InlineData("", "too short")]
    [InlineData("0010000000000000" + "0000000000000000" + "0101000000000005" + "12000000", "the pointer leads to itself")]
    [InlineData("0a10000000000000" + "0000000000000000" + "0101000000000005" + "12000000", "into the head")]
    [InlineData("ff0f000000000000" + "0000000000000000" + "0101000000000005" + "12000000", "to before it")]
    [InlineData("1510000000000000" + "0000000000000000" + "0101000000000005" + "12000000", "to behind it")]
    [InlineData("1010000000000000" + "0000000000000000" + "0102000000000005" + "12000000", "more parts than there are")]
    [InlineData("1010000000000000" + "0000000000000000" + "0201000000000005" + "12000000", "another revision")]
    public void SidOf_AnythingElse_IsNone(string information, string why) =>
        Assert.True(TokenUser.SidOf(Convert.FromHexString(information), address: 0x1000).IsEmpty, why);

    private static ConnectionTableLayout LayoutOf(uint family) =>
        family == 2 ? ConnectionTableLayout.Internet4 : ConnectionTableLayout.Internet6;
}
