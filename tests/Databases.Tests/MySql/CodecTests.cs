using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.Databases.MySql;

namespace RdsTunnel.Databases.Tests.MySql;

public class CodecTests
{
    // MySQL 5.5's, as its documentation has it.
    private const string MySqlGreeting =
        "0a352e352e322d6d32000b00000064764840492d434a00fff7080200000000000000000000000000002a34647c635a776b345e5d3a00";

    // MariaDB 10.11's, with capabilities of its own in the reserved bytes.
    private const string MariaDbGreeting =
        "0a352e352e352d31302e31312e31392d4d617269614442002a0000005b2c7d3a5e27364700fef72d0200ff8115000000000000"
        + "1d000000"
        + "7a6b5a2e3d3f4b5c5d605f6100"
        + "6d7973716c5f6e61746976655f70617373776f726400";

    [Fact]
    public void Greeting_OfTheDocumentation_IsReadAndWrittenAsItIs()
    {
        var greeting = Greeting.Read(Convert.FromHexString(MySqlGreeting));

        Assert.Equal("5.5.2-m2", Encoding.ASCII.GetString(greeting.Version));
        Assert.Equal((11u, 8, (ushort)2, ""), (greeting.ThreadId, greeting.Charset, greeting.Status, greeting.Plugin));
        Assert.Equal("dvH@I-CJ*4d|cZwk4^]:", Encoding.ASCII.GetString(greeting.Nonce));
        Assert.Equal(MySqlGreeting, Hex(greeting.Write));
    }

    [Fact]
    public void Greeting_OfMariaDb_KeepsItsOwnCapabilities()
    {
        var greeting = Greeting.Read(Convert.FromHexString(MariaDbGreeting));

        Assert.Equal((42u, Plugins.Native), (greeting.ThreadId, greeting.Plugin));
        Assert.Equal("0000000000001d000000", Convert.ToHexStringLower(greeting.Reserved));
        Assert.Equal(MariaDbGreeting, Hex(greeting.Write));
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("0a", 0)]
    [InlineData("09352e3500", 0)]
    public void Greeting_ThatIsNone_IsMalformed(string hex, int padding) =>
        Assert.Throws<MalformedPacketException>(() => Greeting.Read([.. Convert.FromHexString(hex), .. new byte[padding]]));

    [Fact]
    public void Response_ReadAndWritten_IsTheSame() =>
        Check(
            from capabilities in Gen.Choose(0, int.MaxValue)
            from user in Name
            from database in Name
            from answer in Bytes(300)
            from attributes in Bytes(60_000)
            select new HandshakeResponse(
                (Capability)capabilities | Capability.Protocol41 | Capability.SecureConnection | Capability.PluginAuthLengthEncoded,
                1 << 24,
                45,
                new byte[23],
                user,
                answer,
                database,
                Plugins.CachingSha2,
                attributes
            ),
            response =>
            {
                using var writer = new PayloadWriter();
                response.Write(writer);
                var read = HandshakeResponse.Read(writer.Written.Span);
                using var again = new PayloadWriter();
                read.Write(again);
                return read.Capabilities == response.Capabilities
                    && read.User.AsSpan().SequenceEqual(response.User)
                    && read.Answer.Span.SequenceEqual(response.Answer.Span)
                    && writer.Written.Span.SequenceEqual(again.Written.Span);
            }
        );

    [Fact]
    public void EveryPacket_CutOrChangedAnywhere_IsReadOrMalformed()
    {
        using var response = new PayloadWriter();
        FakeTool.Response(Plugins.CachingSha2, new byte[32]).Write(response);
        var whole = new[]
        {
            Convert.FromHexString(MySqlGreeting),
            Convert.FromHexString(MariaDbGreeting),
            response.Written.ToArray(),
            [0xfe, .. "caching_sha2_password\0"u8, .. new byte[21]],
            [0xff, 0x15, 0x04, .. "#28000Access denied"u8],
        };
        Check(
            from packet in Gen.Elements(whole)
            from length in Gen.Choose(0, packet.Length)
            from changes in Gen.ListOf(from at in Gen.Choose(0, packet.Length - 1) from to in Gen.Choose(0, 255) select (at, to))
            select changes.Aggregate(
                packet.ToArray(),
                (bytes, change) =>
                {
                    bytes[change.at] = (byte)change.to;
                    return bytes;
                }
            )[..length],
            IsReadOrMalformed
        );
    }

    [Fact]
    public void AnyBytes_AreReadOrMalformed() => Check(Bytes(200), IsReadOrMalformed);

    [Theory]
    [InlineData("ff1504233238303030416363657373", 1045, "28000", "Access")]
    [InlineData("ff1004546f6f206d616e79", 1040, "", "Too many")] // before the greeting there is no state
    [InlineData("ff150423", 1045, "", "#")]
    public void Error_WithAndWithoutAState_IsRead(string hex, int number, string state, string text) =>
        Assert.Equal(new ErrorPacket((ushort)number, state, text), ErrorPacket.Read(Convert.FromHexString(hex)));

    [Fact]
    public void AuthSwitch_OfOneByte_AsksForTheOldHash() =>
        Assert.Equal(AuthSwitchRequest.OldPassword, AuthSwitchRequest.Read([0xfe]).Plugin);

    [Fact]
    public void AuthSwitch_OfMariaDbsOwnPlugins_KeepsANonceThatEndsInZero()
    {
        byte[] nonce = [.. Enumerable.Repeat((byte)7, 31), 0];
        using var writer = new PayloadWriter();
        new AuthSwitchRequest(Plugins.ClientEd25519, nonce).Write(writer);

        Assert.Equal(nonce, AuthSwitchRequest.Read(writer.Written.Span).Data);
    }

    [Theory]
    [InlineData("fe6d7920706c7567696e00")] // a space
    [InlineData("fe1b5b33316d00")] // a terminal's escape
    public void PluginName_ThatIsNoName_IsMalformed(string hex) =>
        Assert.Throws<MalformedPacketException>(() => AuthSwitchRequest.Read(Convert.FromHexString(hex)));

    [Fact]
    public async Task Packet_LongerThanASignInNeeds_IsRefusedByItsHeader()
    {
        using var stream = new MemoryStream([0x16, 0x03, 0x01, 0x02]); // TLS

        await Assert.ThrowsAsync<PacketTooLongException>(() =>
            new PacketStream(stream).ReadAsync(mayBeEmpty: true, CancellationToken.None)
        );
    }

    [Fact]
    public async Task Packet_IsReadWithoutAByteOfWhatFollows()
    {
        using var stream = new MemoryStream([0x02, 0x00, 0x00, 0x07, 0x0a, 0x0b, 0xcc]);
        var packet = await new PacketStream(stream).ReadAsync(mayBeEmpty: false, CancellationToken.None);

        Assert.Equal((7, "0a0b"), (packet.Sequence, Convert.ToHexStringLower(packet.Payload.Span)));
        Assert.Equal(0xcc, stream.ReadByte());
    }

    // Vectors made with Python's hashlib.
    [Theory]
    [InlineData(Plugins.Native, "8510605a5ec0d3d958058636e0a2ebdfcf34be4c")]
    [InlineData(Plugins.CachingSha2, "5661ac17cec0e6001d3747b3aaa0d0c1927fdc43c56deeab05d4c42d73b2b642")]
    public void Answer_OfAPlugin_IsWhatTheProtocolSays(string plugin, string expected)
    {
        using var writer = new PayloadWriter();
        Plugins.WriteAnswer(writer, plugin, "abcdefghijklmnopqrst"u8, "s3cret"u8);

        Assert.Equal(expected, Convert.ToHexStringLower(writer.Written.Span));
    }

    private static bool IsReadOrMalformed(byte[] bytes)
    {
        foreach (
            var read in new Action[]
            {
                () => Greeting.Read(bytes),
                () => HandshakeResponse.Read(bytes),
                () => AuthSwitchRequest.Read(bytes),
                () => ErrorPacket.Read(bytes),
                () => HandshakeResponse.IsSslRequest(bytes),
            }
        )
        {
            try
            {
                read();
            }
            catch (MalformedPacketException)
            {
                // What is not whole is said to be so; any other exception fails the property.
            }
        }

        return true;
    }

    private static Gen<byte[]> Bytes(int max) =>
        from length in Gen.Choose(0, max)
        from seed in Gen.Choose(0, int.MaxValue)
        select Random(seed, length);

#pragma warning disable CA5394 // reproducible, and no secret
    private static byte[] Random(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
#pragma warning restore CA5394

    private static Gen<byte[]> Name => from name in Gen.NonEmptyListOf(Gen.Choose(1, 255)) select name.Select(each => (byte)each).ToArray();

    private static void Check<T>(Gen<T> inputs, Func<T, bool> holds) => Prop.ForAll(inputs.ToArbitrary(), holds).QuickCheckThrowOnFailure();

    private static string Hex(Action<PayloadWriter> write)
    {
        using var writer = new PayloadWriter();
        write(writer);
        return Convert.ToHexStringLower(writer.Written.Span);
    }
}
