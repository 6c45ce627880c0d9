using System.Buffers;
using static RdsTunnel.Smux.FrameCommand;

namespace RdsTunnel.Smux.Tests;

public class SlowReaderTests
{
    private const int ShareBytes = 64 * 1024;
    private const int BudgetBytes = 1024 * 1024;

    /// <summary>The budget is looked at after each piece of data, which is at most a frame's.</summary>
    private const int OvershootBytes = 64 * 1024 + InboxSegment.SizeBytes;

    private static readonly SmuxOptions Options = new() { StreamShareBytes = ShareBytes, ReceiveBudgetBytes = BudgetBytes };

    [Fact]
    public async Task SlowReader_WithinTheBudget_KeepsEverythingWhileOthersGoOn()
    {
        var (client, peer) = Start();
        await using var _ = client;
        var slow = await OpenAsync(client, peer);
        var data = StreamExtensions.RandomBytes(1, BudgetBytes - 2 * InboxSegment.SizeBytes);

        await SendAsync(peer, slow, data);
        await EchoAsync(client, peer);
        Assert.Equal(data.Length, client.BufferedBytes);

        await peer.SendAsync(Fin, slow.Id);
        Assert.Equal((data.Length, StreamExtensions.Digest(data)), await slow.Input.DigestAsync());
        Assert.Equal((0, 0), (client.BufferedBytes, client.HeldBytes));
    }

    [Fact]
    public async Task SlowReader_OverTheBudget_IsResetWithAReasonWhile20OthersGoOn()
    {
        var (client, peer) = Start();
        await using var _ = client;
        var slow = await OpenAsync(client, peer);
        var others = new List<SmuxStream>();
        for (var i = 0; i < 20; i++)
            others.Add(await OpenAsync(client, peer));

        var received = others.ToDictionary(other => other, _ => new MemoryStream());
        var piece = StreamExtensions.RandomBytes(2, 16 * 1024);
        var mostHeld = 0L;
        for (var sent = 0; sent < 2 * BudgetBytes; sent += piece.Length)
        {
            await peer.SendDataAsync(slow.Id, piece);
            var other = others[sent / piece.Length % others.Count];
            await peer.SendDataAsync(other.Id, piece);
            await received[other].WriteAsync(await other.Input.ReadExactlyAsync(piece.Length));
            mostHeld = Math.Max(mostHeld, client.HeldBytes);
        }

        await peer.ExpectAsync(Fin, slow.Id);
        Assert.Equal(SmuxError.SlowReader, (await slow.ReadErrorAsync()).Code);
        Assert.InRange(mostHeld, BudgetBytes / 2, BudgetBytes + OvershootBytes);
        Assert.True(client.DroppedBytes > 0);
        Assert.All(others, other => Assert.Equal(other.BytesReceived, received[other].Length));
        Assert.All(
            received.Values,
            bytes =>
                Assert.Equal(
                    StreamExtensions.Digest([.. Enumerable.Repeat(piece, (int)(bytes.Length / piece.Length)).SelectMany(p => p)]),
                    StreamExtensions.Digest(bytes.ToArray())
                )
        );
        Assert.Equal((0, false), (client.HeldBytes, client.IsCongested));
    }

    [Fact]
    public async Task Budget_Exhausted_ResetsTheStreamThatHoldsTheMost()
    {
        var (client, peer) = Start();
        await using var _ = client;
        var small = await OpenAsync(client, peer);
        var large = await OpenAsync(client, peer);

        await SendAsync(peer, large, new byte[BudgetBytes * 2 / 3]);
        await SendAsync(peer, small, new byte[BudgetBytes / 2]);
        await peer.ExpectAsync(Fin, large.Id);
        Assert.Equal(SmuxError.SlowReader, (await large.ReadErrorAsync()).Code);
        await peer.SendAsync(Fin, small.Id);
        Assert.Equal(BudgetBytes / 2, (await small.Input.DigestAsync()).Bytes);
    }

    [Fact]
    public async Task Budget_ExhaustedByAStreamThatThePeerHasEnded_ResetsThatStream()
    {
        var (client, peer) = Start();
        await using var _ = client;
        var ended = await OpenAsync(client, peer);
        var other = await OpenAsync(client, peer);

        await SendAsync(peer, ended, new byte[BudgetBytes * 2 / 3]);
        await peer.SendAsync(Fin, ended.Id);
        await peer.ExpectAsync(Fin, ended.Id);
        await SendAsync(peer, other, new byte[BudgetBytes / 2]);
        await peer.SendAsync(Fin, other.Id);

        Assert.Equal(BudgetBytes / 2, (await other.Input.DigestAsync()).Bytes);
        Assert.Equal(SmuxError.SlowReader, (await ended.ReadErrorAsync()).Code);
    }

    [Fact]
    public async Task Reset_WhileTheReaderHoldsData_TakesBackAllButThat()
    {
        var (client, peer) = Start();
        await using var _ = client;
        var slow = await OpenAsync(client, peer);
        var data = StreamExtensions.RandomBytes(3, BudgetBytes / 2);
        await SendAsync(peer, slow, data);
        await EchoAsync(client, peer);

        var inHand = await slow.Input.ReadAsync(Patience.Token());
        Assert.Equal(StreamInbox.MaxReadBytes, inHand.Buffer.Length);
        await SendAsync(peer, slow, new byte[BudgetBytes]);
        await peer.ExpectAsync(Fin, slow.Id);

        await Assert.ThrowsAsync<SmuxStreamException>(() => slow.Completion.Soon());
        Assert.Equal(StreamInbox.MaxReadBytes, client.HeldBytes);
        await EchoAsync(client, peer);
        Assert.Equal(data[..StreamInbox.MaxReadBytes], inHand.Buffer.ToArray());
        slow.Input.AdvanceTo(inHand.Buffer.Start, inHand.Buffer.End);
        Assert.Equal(0, client.HeldBytes);
    }

    [Fact]
    public async Task Share_Crossed_CongestsTheSessionUntilDrained()
    {
        var (client, peer) = Start();
        await using var _ = client;
        var stream = await OpenAsync(client, peer);

        await SendAsync(peer, stream, new byte[ShareBytes]);
        await EchoAsync(client, peer);
        Assert.False(client.IsCongested);
        await SendAsync(peer, stream, [1]);
        await EchoAsync(client, peer);
        Assert.True(client.IsCongested);

        await stream.Input.ReadExactlyAsync(InboxSegment.SizeBytes);
        Assert.False(client.IsCongested);
    }

    [Fact]
    public async Task TinyFrames_PinNoMoreThanTheyFill()
    {
        var (client, peer) = Start();
        await using var _ = client;
        var stream = await OpenAsync(client, peer);
        for (var i = 0; i < 20_000; i++)
            await peer.SendDataAsync(stream.Id, (byte)i);
        await EchoAsync(client, peer);

        Assert.Equal(20_000, client.BufferedBytes);
        Assert.Equal(2 * InboxSegment.SizeBytes, client.HeldBytes);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => (byte)i), await stream.Input.ReadExactlyAsync(20_000));
        Assert.Equal(0, client.HeldBytes);
    }

    [Fact]
    public async Task PauseReading_WhenTheBudgetIsUsedUp_StopsTheTransportUntilReadersMadeRoom()
    {
        var pair = DuplexPair.Create(pauseBytes: 16 * 1024);
        await using var server = SmuxSession.StartServer(pair.Server, SmuxOptions.Agent with { ReceiveBudgetBytes = BudgetBytes });
        await using var client = SmuxSession.StartClient(pair.Client);
        var upload = client.OpenStream();
        var served = await server.AcceptStreamAsync(Patience.Token());
        var data = StreamExtensions.RandomBytes(4, 3 * BudgetBytes);
        var sending = UploadAsync();

        // Looks without taking, until the budget is used up.
        var seen = await served.Input.ReadAsync(Patience.Token());
        while (server.BufferedBytes < BudgetBytes)
        {
            served.Input.AdvanceTo(seen.Buffer.Start, seen.Buffer.End);
            seen = await served.Input.ReadAsync(Patience.Token());
        }

        served.Input.AdvanceTo(seen.Buffer.Start);
        Assert.False(sending.IsCompleted);
        Assert.InRange(server.BufferedBytes, BudgetBytes, BudgetBytes + SmuxStream.TurnBytes);
        var other = client.OpenStream();
        await other.Output.WriteAsync(new byte[] { 1 });
        Assert.Equal(1, server.StreamCount);

        Assert.Equal((data.Length, StreamExtensions.Digest(data)), await served.Input.DigestAsync());
        await sending.Soon();
        Assert.Equal([1], await (await server.AcceptStreamAsync(Patience.Token())).Input.ReadExactlyAsync(1));

        async Task UploadAsync()
        {
            await upload.SendAsync(data);
            await upload.Output.CompleteAsync();
            await upload.Input.CompleteAsync();
        }
    }

    private static (SmuxSession Client, RawPeer Peer) Start()
    {
        var pair = DuplexPair.Create();
        return (SmuxSession.StartClient(pair.Client, Options), new RawPeer(pair.Server));
    }

    private static async Task<SmuxStream> OpenAsync(SmuxSession client, RawPeer peer)
    {
        var stream = client.OpenStream();
        await peer.ExpectAsync(Syn, stream.Id);
        return stream;
    }

    private static async Task SendAsync(RawPeer peer, SmuxStream stream, byte[] data)
    {
        foreach (var piece in data.Chunk(32 * 1024))
            await peer.SendDataAsync(stream.Id, piece);
    }

    /// <summary>Another stream works; once it has, all that was sent before has been handled.</summary>
    private static async Task EchoAsync(SmuxSession client, RawPeer peer)
    {
        await using var stream = await OpenAsync(client, peer);
        await peer.SendDataAsync(stream.Id, 1, 2, 3);
        Assert.Equal([1, 2, 3], await stream.Input.ReadExactlyAsync(3));
        await stream.DisposeAsync();
        await peer.ExpectAsync(Fin, stream.Id);
    }
}
