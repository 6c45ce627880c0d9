using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.Databases.MySql;
using RdsTunnel.Databases.Tests.Support;

namespace RdsTunnel.Databases.Tests.MySql;

public class CompressedStreamTests
{
    private const byte Query = 3;
    private const byte SendLongData = 0x18;
    private const byte CloseStatement = 0x19;

    [Fact]
    public void Exchange_OfAnyShape_IsWhatItIsWithoutCompression() =>
        Prop.ForAll(
                (from exchanges in Gen.NonEmptyListOf(Exchanges) select exchanges.ToArray()).ToArbitrary(),
                async exchanges =>
                {
                    await using var pair = await Pair.StartAsync();
                    foreach (var exchange in exchanges)
                    {
                        await Task.WhenAll(ServeAsync(pair.Server, exchange), AskAsync(pair.Tool, exchange));
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void Commands_SentBeforeTheirAnswersAreRead_GetEachItsOwnNumbers() =>
        Prop.ForAll(
                (
                    from exchanges in Gen.NonEmptyListOf(
                        from command in Gen.Choose(1, 300)
                        from packets in Gen.NonEmptyListOf(Gen.Choose(1, 3_000))
                        from piece in Gen.Choose(100, 5_000)
                        select new Exchange(
                            Bytes(command, Query),
                            [
                                [.. packets],
                            ],
                            piece,
                            1_000
                        )
                    )
                    select exchanges.ToArray()
                ).ToArbitrary(),
                async exchanges =>
                {
                    await using var pair = await Pair.StartAsync();
                    var serving = Task.Run(async () =>
                    {
                        foreach (var exchange in exchanges)
                        {
                            await ServeAsync(pair.Server, exchange);
                        }
                    });
                    foreach (var exchange in exchanges)
                    {
                        await pair.Tool.SendAsync(exchange.Command, 0, exchange.WriteBytes);
                    }

                    foreach (var exchange in exchanges)
                    {
                        await ReadAnswerAsync(pair.Tool, exchange);
                    }

                    await serving;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Theory]
    [InlineData(10)]
    [InlineData(300)] // the numbers pass 255, and 0 begins no command then
    [InlineData(254)] // the last, empty packet has 255: the command that follows begins at 0
    public async Task Content_OfAFile_GoesOnCountingWhereTheServerAsked(int packets)
    {
        await using var pair = await Pair.StartAsync();
        var serving = Task.Run(async () =>
        {
            await pair.Server.ReadCommandAsync();
            pair.Server.Write([0xfb, .. "orders.csv"u8]);
            await pair.Server.FlushAsync(1_000);
            var content = new List<byte>();
            for (var part = await pair.Server.ReadPayloadAsync(); part.Length > 0; part = await pair.Server.ReadPayloadAsync())
            {
                content.AddRange(part);
            }

            pair.Server.Write([0, 0, 0, 2, 0, 0, 0]);
            await pair.Server.FlushAsync(1_000);
            Assert.Equal([Query, 1], await pair.Server.ReadCommandAsync());
            pair.Server.Write([0]);
            await pair.Server.FlushAsync(1_000);
            return content;
        });
        await pair.Tool.SendAsync(Bytes(40_000, Query), 0, 16_384);
        Assert.Equal(0xfb, (await pair.Tool.ReadAsync(1))[0]);
        byte number = 2;
        for (var i = 0; i < packets - 1; i++)
        {
            await pair.Tool.SendAsync(Bytes(200, (byte)i), number++, 100);
        }

        await pair.Tool.SendAsync([], number++, 100);
        await pair.Tool.ReadAsync(number);
        await pair.Tool.SendAsync([Query, 1], 0, 100);
        await pair.Tool.ReadAsync(1);
        Assert.Equal(200 * (packets - 1), (await serving).Count);
    }

    [Fact]
    public async Task Commands_ThatNothingIsSaidTo_AreNoneThatAnAnswerBelongsTo()
    {
        await using var pair = await Pair.StartAsync();
        // Three pieces of 64 KiB: the answer to the one that has an answer comes with another number.
        await pair.Tool.SendAsync(Bytes(150_000, SendLongData), 0, 150_004);
        await pair.Tool.SendAsync([CloseStatement, 1, 0, 0, 0], 0, 100);
        await pair.Tool.SendAsync([Query, 1], 0, 100);
        for (var i = 0; i < 3; i++)
        {
            await pair.Server.ReadCommandAsync();
        }

        pair.Server.Write([0]);
        await pair.Server.FlushAsync(1_000);
        Assert.Equal([0], await pair.Tool.ReadAsync(1));
    }

    [Fact]
    public async Task Payload_LongerThanOnePacket_GoesBothWays()
    {
        await using var pair = await Pair.StartAsync();
        var payload = new byte[17_000_000];
        new Random(7).NextBytes(payload.AsSpan(0, 1_000_000));
        payload[0] = Query;
        var serving = Task.Run(async () =>
        {
            var asked = await pair.Server.ReadCommandAsync();
            pair.Server.Write(asked);
            await pair.Server.FlushAsync(0xffffff);
        });
        await pair.Tool.SendAsync(payload, 0, 100_000);
        Assert.Equal(payload, await pair.Tool.ReadAsync(2));
        await serving;
    }

    [Fact]
    public async Task Command_OfRows_IsSentShorter_AndASmallOneAsItIs()
    {
        await using var pair = await Pair.StartAsync();
        await pair.Tool.SendAsync(Bytes(10_000, Query), 0, 20_000);
        await pair.Tool.SendAsync([Query, 1, 2, 3], 0, 20_000);
        var header = new byte[CompressedStream.HeaderBytes];
        await pair.Far.ReadExactlyAsync(header);
        Assert.Equal(10_004, header[4] | (header[5] << 8));
        var length = header[0] | (header[1] << 8);
        Assert.True(length < 5_000, $"{length} bytes");
        await pair.Far.ReadExactlyAsync(new byte[length]);
        var second = new byte[CompressedStream.HeaderBytes + 8];
        await pair.Far.ReadExactlyAsync(second);
        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, Query, 1, 2, 3], second);
    }

    public static TheoryData<string, byte[]> NotCompressed
    {
        get
        {
            var deflated = CompressingServer.Deflate(new byte[1_000]);
            byte[] wrongSum = [.. deflated[..^1], (byte)(deflated[^1] ^ 1)];
            return new()
            {
                { "no length", CompressingServer.Header(0, 1, 0) },
                { "no length, but data", CompressingServer.Header(0, 1, 100) },
                { "no zlib", [.. CompressingServer.Header(60, 1, 1_000), .. Enumerable.Repeat((byte)0x41, 60)] },
                { "more than it says", [.. CompressingServer.Header(deflated.Length, 1, 999), .. deflated] },
                { "less than it says", [.. CompressingServer.Header(deflated.Length, 1, 1_001), .. deflated] },
                {
                    "something behind it",
                    [.. CompressingServer.Header(deflated.Length + 50_000, 1, 1_000), .. deflated, .. new byte[50_000]]
                },
                { "a wrong checksum", [.. CompressingServer.Header(deflated.Length, 1, 1_000), .. wrongSum] },
            };
        }
    }

    [Theory]
    [MemberData(nameof(NotCompressed))]
    public async Task Data_ThatIsNotCompressed_EndsTheConnectionInOurWords(string what, byte[] bytes)
    {
        await using var pair = await Pair.StartAsync();
        await pair.Far.WriteAsync(bytes);
        var failure = await Assert.ThrowsAsync<CompressionBrokenException>(pair.ReadAllAsync);
        Assert.True(failure.InnerException is null && failure.Message.Contains("can't be read", StringComparison.Ordinal), what);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    public async Task End_InTheMiddleOfAPacket_IsNoEnd(int bytes)
    {
        await using var pair = await Pair.StartAsync();
        var deflated = CompressingServer.Deflate([.. Enumerable.Range(0, 2_000).Select(i => (byte)(i * i))]);
        byte[] packet = [.. CompressingServer.Header(deflated.Length, 1, 2_000), .. deflated];
        await pair.Far.WriteAsync(packet.AsMemory(0, bytes));
        await pair.Far.DisposeAsync();
        await Assert.ThrowsAnyAsync<IOException>(pair.ReadAllAsync);
    }

    [Fact]
    public async Task End_BetweenPackets_IsTheEnd()
    {
        await using var pair = await Pair.StartAsync();
        await pair.Far.WriteAsync((byte[])[.. CompressingServer.Header(5, 1, 0), 1, 0, 0, 1, 0]);
        await pair.Far.DisposeAsync();
        Assert.Equal(5, await pair.ReadAllAsync());
    }

    [Fact]
    public void Data_OfAnyBytes_IsReadOrRefused() =>
        Prop.ForAll(
                (
                    from parts in Gen.ListOf(
                        Gen.OneOf(
                            from bytes in Gen.ArrayOf(Gen.Choose(0, 255).Select(one => (byte)one))
                            select bytes,
                            from length in Gen.Choose(0, 80)
                            from number in Gen.Choose(0, 255)
                            from uncompressed in Gen.Choose(0, 300)
                            select CompressingServer.Header(length, (byte)number, uncompressed),
                            from bytes in Gen.ArrayOf(Gen.Choose(0, 3).Select(one => (byte)one))
                            from claimed in Gen.Choose(0, 60)
                            let deflated = CompressingServer.Deflate(bytes)
                            select (byte[])[.. CompressingServer.Header(deflated.Length, 1, claimed), .. deflated]
                        )
                    )
                    select parts.SelectMany(part => part).ToArray()
                ).ToArbitrary(),
                async bytes =>
                {
                    await using var pair = await Pair.StartAsync();
                    await pair.Far.WriteAsync(bytes);
                    await pair.Far.DisposeAsync();
                    if (await Record.ExceptionAsync(pair.ReadAllAsync) is { } failure)
                    {
                        Assert.IsAssignableFrom<IOException>(failure);
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Theory]
    [InlineData(true, true, true, true)]
    [InlineData(true, true, false, true)]
    [InlineData(true, false, true, false)] // the server does not offer it
    [InlineData(false, true, true, false)] // nobody asked for it
    public async Task SignIn_WithCompression_CompressesAllThatFollowsIt(
        bool isAskedFor,
        bool isOffered,
        bool withCredentials,
        bool isCompressed
    )
    {
        var capabilities = isOffered ? FakeMySql.AllCapabilities : FakeMySql.AllCapabilities & ~Capability.Compress;
        await using var scene = await Scene.StartAsync(
            certificate => new FakeMySql(certificate) { Capabilities = capabilities, Plugin = Plugins.ClearText },
            withCredentials: withCredentials,
            compress: isAskedFor
        );
        var greeting = await scene.AnswerAsync(
            withCredentials
                ? null
                : FakeTool.Response() with
                {
                    User = "app"u8.ToArray(),
                    Plugin = Plugins.ClearText,
                    Answer = "s3cret\0"u8.ToArray(),
                }
        );
        Assert.False(greeting.Capabilities.HasFlag(Capability.Compress)); // the tool speaks as it would without
        Assert.True((await scene.Tool.ReadAsync()).IsOk);

        await using var database = await scene.SignedIn;
        var server = (await scene.Served[0])!;
        Assert.Equal(isCompressed, scene.Server.Response!.Capabilities.HasFlag(Capability.Compress));
        await database!.WriteAsync((byte[])[2, 0, 0, 0, Query, 1]);
        var sent = new byte[isCompressed ? CompressedStream.HeaderBytes + 6 : 6];
        await server.ReadExactlyAsync(sent);
        Assert.Equal(isCompressed ? [6, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, Query, 1] : [2, 0, 0, 0, Query, 1], sent);
    }

    private static Gen<Exchange> Exchanges =>
        from command in Gen.OneOf(Gen.Choose(1, 200), Gen.Choose(1_000, 200_000))
        from results in Gen.NonEmptyListOf(Gen.NonEmptyListOf(Gen.OneOf(Gen.Choose(0, 200), Gen.Choose(0, 20_000))))
        from piece in Gen.Choose(100, 20_000)
        from write in Gen.OneOf(Gen.Choose(1, 7), Gen.Choose(1_000, 70_000))
        select new Exchange(
            Bytes(command, Query),
            [.. results.Select(packets => packets.ToArray())],
            piece,
            Math.Max(write, command / 200)
        );

    private static async Task ServeAsync(CompressingServer server, Exchange exchange)
    {
        Assert.Equal(exchange.Command, await server.ReadCommandAsync());
        foreach (var result in exchange.Results)
        {
            foreach (var length in result)
            {
                server.Write(Bytes(length, (byte)length));
            }

            await server.FlushAsync(exchange.PieceBytes);
        }
    }

    private static async Task AskAsync(PlainTool tool, Exchange exchange)
    {
        await tool.SendAsync(exchange.Command, 0, exchange.WriteBytes);
        await ReadAnswerAsync(tool, exchange);
    }

    private static async Task ReadAnswerAsync(PlainTool tool, Exchange exchange)
    {
        byte number = 1;
        foreach (var length in exchange.Results.SelectMany(result => result))
        {
            Assert.Equal(Bytes(length, (byte)length), await tool.ReadAsync(number++));
        }
    }

    // As rows are: it repeats, and not at once.
    private static byte[] Bytes(int length, byte first) => [.. Enumerable.Range(0, length).Select(i => i == 0 ? first : (byte)(i % 97))];

    /// <param name="Results">Packets' lengths, flush by flush.</param>
    /// <param name="PieceBytes">What the server puts into one compressed packet.</param>
    /// <param name="WriteBytes">What the tool writes at once.</param>
    private sealed record Exchange(byte[] Command, int[][] Results, int PieceBytes, int WriteBytes);

    /// <summary>A tool that knows nothing of compression, and counts strictly.</summary>
    private sealed class PlainTool(CompressedStream stream)
    {
        private const int MaxPacketBytes = 0xffffff;

        public async Task SendAsync(byte[] payload, byte number, int writeBytes)
        {
            using var bytes = new MemoryStream();
            int length;
            var position = 0;
            do
            {
                length = Math.Min(payload.Length - position, MaxPacketBytes);
                bytes.Write([(byte)length, (byte)(length >> 8), (byte)(length >> 16), number++]);
                bytes.Write(payload, position, length);
                position += length;
            } while (length == MaxPacketBytes);
            var all = bytes.ToArray();
            for (var i = 0; i < all.Length; i += writeBytes)
            {
                await stream.WriteAsync(all.AsMemory(i, Math.Min(writeBytes, all.Length - i)));
            }

            await stream.FlushAsync(CancellationToken.None);
        }

        public async Task<byte[]> ReadAsync(byte number)
        {
            using var payload = new MemoryStream();
            int length;
            do
            {
                var header = new byte[4];
                await stream.ReadExactlyAsync(header);
                Assert.Equal(number++, header[3]);
                length = header[0] | (header[1] << 8) | (header[2] << 16);
                var piece = new byte[length];
                await stream.ReadExactlyAsync(piece);
                payload.Write(piece);
            } while (length == MaxPacketBytes);
            return payload.ToArray();
        }
    }

    private sealed class Pair(CompressedStream near, Stream far) : IAsyncDisposable
    {
        public CompressingServer Server { get; } = new(far);

        public PlainTool Tool { get; } = new(near);

        public Stream Far => far;

        public static async Task<Pair> StartAsync()
        {
            var (near, far) = await StreamPair.CreateAsync();
            return new Pair(new CompressedStream(near), far);
        }

        public async Task<int> ReadAllAsync()
        {
            var buffer = new byte[300];
            var total = 0;
            for (var read = await near.ReadAsync(buffer); read > 0; read = await near.ReadAsync(buffer))
            {
                total += read;
            }

            return total;
        }

        public async ValueTask DisposeAsync()
        {
            await near.DisposeAsync();
            await far.DisposeAsync();
        }
    }
}
