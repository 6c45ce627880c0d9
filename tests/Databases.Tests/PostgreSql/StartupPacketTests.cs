using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.Databases.PostgreSql;

namespace RdsTunnel.Databases.Tests.PostgreSql;

public sealed class StartupPacketTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001")]
    [InlineData("\0\0\0\u0008\0\0\0\0")]
    [InlineData("\0\0'\u0015\0\u0003\0\0")] // 10,005 bytes
    [InlineData("\0\0\0\u0008\0\u0003\0\0")] // no room for parameters
    [InlineData("\0\0\0\u0009\0\u0002\0\0")] // protocol 2
    public void RestOf_WhatIsNotPostgreSql_IsNone(string first) =>
        Assert.Null(StartupPacket.RestOf(Encoding.Latin1.GetBytes(first).AsSpan(0, 8)));

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void For_AnotherUser_KeepsVersionDatabaseAndSettings(ushort minor)
    {
        var changed = StartupPacket.Parse(
            StartupPacket.Parse(Packet(minor, ("user", "jane"), ("database", "shop"), ("options", "-c geqo=off"))).For("app")
        );
        Assert.Equal([("user", "app"), ("database", "shop"), ("options", "-c geqo=off")], changed.Parameters);
        Assert.Equal(minor, BinaryPrimitives.ReadUInt16BigEndian(changed.Bytes.Span[6..]));
        Assert.Equal(changed.Bytes.Length, BinaryPrimitives.ReadInt32BigEndian(changed.Bytes.Span));
    }

    [Fact]
    public void For_NoDatabase_NamesTheOneThatTheToolMeans() =>
        Assert.Equal(
            [("user", "app"), ("database", "jane")],
            StartupPacket.Parse(StartupPacket.Parse(Packet(0, ("user", "jane"))).For("app")).Parameters
        );

    [Fact]
    public void For_AnEmptyDatabase_IsNone() =>
        Assert.Equal(
            [("user", "app"), ("database", "jane")],
            StartupPacket.Parse(StartupPacket.Parse(Packet(0, ("user", "jane"), ("database", ""))).For("app")).Parameters
        );

    [Fact]
    public void For_ANameGivenTwice_TakesTheLastAsServersDo() =>
        Assert.Equal(
            [("user", "app"), ("database", "jane")],
            StartupPacket.Parse(StartupPacket.Parse(Packet(0, ("user", "joe"), ("user", "jane"))).For("app")).Parameters
        );

    [Fact]
    public void For_NeitherUserNorDatabase_LeavesTheDatabaseToTheServer() =>
        Assert.Equal([("user", "app"), ("a", "b")], StartupPacket.Parse(StartupPacket.Parse(Packet(0, ("a", "b"))).For("app")).Parameters);

    [Fact]
    public void For_AUserWithWhomItIsTooLongForServers_IsRefused()
    {
        var packet = StartupPacket.Parse(Packet(0, ("user", "j"), ("database", "shop"), ("options", new string('x', 9_900))));
        Assert.Equal(9_953, packet.For(new string('a', 15)).Length);
        Assert.Throws<LoginException>(() => packet.For(new string('a', 100)));
    }

    [Fact]
    public void For_NamesBeyondAscii_AreUtf8() =>
        Assert.Contains(
            "user\0jörg\0",
            Encoding.UTF8.GetString(StartupPacket.Parse(Packet(0, ("user", "jane"), ("database", "größe"))).For("jörg")),
            StringComparison.Ordinal
        );

    [Fact]
    public void Parse_AnyBytes_GivesWhatTheyAreOrUnknown() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(),
                body =>
                {
                    byte[] bytes = [0, 0, 0, 0, 0, 3, 0, 0, .. body];
                    var packet = StartupPacket.Parse(bytes);
                    return packet.Kind switch
                    {
                        // Nothing is lost and nothing is made up: it is written as it was read.
                        StartupKind.Startup => Packet(0, [.. packet.Parameters]).AsSpan(8).SequenceEqual(body),
                        StartupKind.Unknown => packet.Parameters.Count == 0,
                        _ => false,
                    };
                }
            )
            .QuickCheckThrowOnFailure();

    internal static byte[] Packet(ushort minor, params (string Name, string Value)[] parameters)
    {
        byte[] bytes =
        [
            0,
            0,
            0,
            0,
            0,
            3,
            (byte)(minor >> 8),
            (byte)minor,
            .. Encoding.Latin1.GetBytes(string.Concat(parameters.Select(one => $"{one.Name}\0{one.Value}\0"))),
            0,
        ];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        return bytes;
    }
}
