using System.Buffers;
using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;

namespace RdsTunnel.Smux.Tests;

/// <summary>A client and a server over a transport that splits and cuts as it likes.</summary>
public class PairTests
{
    [Fact]
    public async Task Streams_200AtOnce_EchoEveryByteBothWays()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        await using var server = SmuxSession.StartServer(pair.Server);
        var serving = EchoAsync(server, count: 200);

        await Task.WhenAll(
            Enumerable
                .Range(0, 200)
                .Select(async i =>
                {
                    var data = StreamExtensions.RandomBytes(i, 50_000 + i);
                    await using var stream = client.OpenStream();
                    var sending = SendAsync(stream, data);
                    Assert.Equal((data.Length, StreamExtensions.Digest(data)), await stream.Input.DigestAsync());
                    await sending.Soon();
                    await stream.Completion.Soon();
                    Assert.Equal((data.Length + sizeof(int), data.Length), (stream.BytesSent, stream.BytesReceived));
                })
        );

        await serving.Soon();
        Assert.Equal((0, 0, 0, 0), (client.StreamCount, client.HeldBytes, server.StreamCount, server.HeldBytes));
        Assert.Equal(0, client.DroppedBytes + server.DroppedBytes);
    }

    [Fact]
    public void Streams_OverATransportThatSplitsAnywhere_GiveTheSameBytes()
    {
        var input =
            from sizes in Gen.Choose(0, 40_000).ListOf(5)
            from pieces in Gen.Choose(1, 9_000).NonEmptyListOf()
            select (sizes, pieces);
        Prop.ForAll(
                input.ToArbitrary(),
                async value =>
                {
                    var pair = DuplexPair.Create();
                    var splitting = DuplexPair.Create();
                    var relaying = Task.WhenAll(
                        RelayAsync(splitting.Server.Input, pair.Client.Output, [.. value.pieces]),
                        RelayAsync(pair.Client.Input, splitting.Server.Output, [.. value.pieces])
                    );
                    var client = SmuxSession.StartClient(splitting.Client);
                    var server = SmuxSession.StartServer(pair.Server);
                    var serving = EchoAsync(server, value.sizes.Count);
                    foreach (var size in value.sizes)
                    {
                        var data = StreamExtensions.RandomBytes(size, size);
                        await using var stream = client.OpenStream();
                        var sending = SendAsync(stream, data);
                        Assert.Equal((data.Length, StreamExtensions.Digest(data)), await stream.Input.DigestAsync());
                        await sending.Soon();
                    }

                    await serving.Soon();
                    await client.DisposeAsync();
                    await server.DisposeAsync();
                    await relaying.Soon();
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1_000)]
    [InlineData(100_003)]
    public async Task Transport_CutAfterNBytes_EndsBothSessionsAndEveryStream(int cutAfterBytes)
    {
        var up = DuplexPair.Create();
        var down = DuplexPair.Create();
        var relaying = Task.WhenAll(
            RelayAsync(up.Server.Input, down.Client.Output, [4_000], cutAfterBytes),
            RelayAsync(down.Client.Input, up.Server.Output, [4_000])
        );
        await using var client = SmuxSession.StartClient(up.Client);
        await using var server = SmuxSession.StartServer(down.Server);
        var serving = EchoAsync(server, int.MaxValue);

        await Task.WhenAll(
            Enumerable
                .Range(0, 10)
                .Select(async _ =>
                {
                    await Assert.ThrowsAnyAsync<SmuxException>(async () =>
                    {
                        await using var stream = client.OpenStream();
                        var sending = SendAsync(stream, new byte[500_000]);
                        try
                        {
                            await stream.Input.DigestAsync();
                        }
                        finally
                        {
                            await Assert.ThrowsAsync<SmuxStreamException>(() => sending.Soon());
                        }
                    });
                })
        );

        Assert.Equal(SmuxError.TransportClosed, (await client.FailureAsync()).Code);
        Assert.Equal(SmuxError.TransportClosed, (await server.FailureAsync()).Code);
        await Assert.ThrowsAnyAsync<SmuxException>(() => serving.Soon());
        await relaying.Soon();
        Assert.Equal((0, 0), (client.HeldBytes, server.HeldBytes));
    }

    /// <summary>Length, then data. A client's FIN waits for the server's, so the server must know by other means when it has all.</summary>
    private static async Task SendAsync(SmuxStream stream, byte[] data)
    {
        await stream.SendAsync(BitConverter.GetBytes(data.Length));
        await stream.SendAsync(data);
        await stream.Output.CompleteAsync();
    }

    private static async Task EchoAsync(SmuxSession server, int count)
    {
        var connections = new List<Task>();
        try
        {
            while (connections.Count < count)
                connections.Add(EchoAsync(await server.AcceptStreamAsync(Patience.Token())));
        }
        finally
        {
            await Task.WhenAll(connections).Soon();
        }
    }

    private static async Task EchoAsync(SmuxStream stream)
    {
        await using var owned = stream;
        var left = BitConverter.ToInt32(await stream.Input.ReadExactlyAsync(sizeof(int)));
        while (left > 0)
        {
            var result = await stream.Input.ReadAsync(Patience.Token());
            Assert.False(result.IsCompleted);
            foreach (var memory in result.Buffer)
                await stream.Output.WriteAsync(memory, Patience.Token());
            left -= (int)result.Buffer.Length;
            stream.Input.AdvanceTo(result.Buffer.End);
        }

        await stream.Output.CompleteAsync();
        await stream.Completion.Soon();
    }

    /// <summary>Carries bytes over in pieces of the given sizes, in turn, and after
    /// <paramref name="cutAfterBytes"/> nothing any more.</summary>
    private static async Task RelayAsync(PipeReader from, PipeWriter to, int[] pieces, long cutAfterBytes = long.MaxValue)
    {
        for (var i = 0; cutAfterBytes > 0; i++)
        {
            var result = await from.ReadAsync(Patience.Token());
            var piece = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, Math.Min(cutAfterBytes, pieces[i % pieces.Length])));
            foreach (var memory in piece)
                to.Write(memory.Span);
            cutAfterBytes -= piece.Length;
            var isEnd = result.IsCompleted && piece.Length == result.Buffer.Length;
            from.AdvanceTo(piece.End);
            if ((await to.FlushAsync(Patience.Token())).IsCompleted || isEnd)
                break;
        }

        await from.CompleteAsync();
        await to.CompleteAsync();
    }
}
