using Microsoft.Extensions.Time.Testing;
using static RdsTunnel.Smux.FrameCommand;

namespace RdsTunnel.Smux.Tests;

public class SessionTests
{
    [Fact]
    public async Task OpenStream_TakesOddIdsFrom3()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        Assert.Equal([3u, 5u, 7u], new[] { client.OpenStream().Id, client.OpenStream().Id, client.OpenStream().Id });
        Assert.Equal(3, client.StreamCount);
    }

    [Fact]
    public async Task OpenStream_AfterTheLastId_IsRefusedWhileStreamsGoOn()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client, new SmuxOptions { FirstStreamId = uint.MaxValue });
        var peer = new RawPeer(pair.Server);
        var last = client.OpenStream();
        await peer.ExpectAsync(Syn, uint.MaxValue);

        Assert.Equal(SmuxError.StreamIdsExhausted, Assert.Throws<SmuxException>(client.OpenStream).Code);
        await peer.SendDataAsync(last.Id, 1);
        Assert.Equal([1], await last.Input.ReadExactlyAsync(1));
        Assert.Equal(1, client.StreamCount);
    }

    [Fact]
    public async Task ServerThatSpeaksFirst_IsHeard()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        var peer = new RawPeer(pair.Server);

        // Already there when the stream is opened, as close before its SYN as can be.
        await peer.SendDataAsync(5, 0);
        var first = client.OpenStream();
        await peer.ExpectAsync(Syn, first.Id);
        await peer.SendDataAsync(first.Id, 10);
        Assert.Equal([10], await first.Input.ReadExactlyAsync(1));
        Assert.Equal(1, client.DroppedBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_024)]
    [InlineData(4_096)]
    [InlineData(32_768)]
    [InlineData(65_535)]
    public async Task Frames_OfAnySizeAndEmptyOnes_GiveTheStreamItsBytes(int frameBytes)
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        var peer = new RawPeer(pair.Server);
        var stream = client.OpenStream();
        await peer.ExpectAsync(Syn, stream.Id);
        var bytes = StreamExtensions.RandomBytes(seed: 1, Math.Min(200_000, frameBytes * 1_000));
        foreach (var frame in bytes.Chunk(frameBytes))
        {
            await peer.SendDataAsync(stream.Id, frame);
            await peer.SendDataAsync(stream.Id);
        }

        Assert.Equal(bytes, await stream.Input.ReadExactlyAsync(bytes.Length));
    }

    [Fact]
    public async Task Frames_ForUnknownStreams_AreDroppedAndCounted()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        var peer = new RawPeer(pair.Server);
        var stream = client.OpenStream();
        await peer.ExpectAsync(Syn, stream.Id);

        await peer.SendDataAsync(99, new byte[65_535]);
        await peer.SendAsync(Fin, 99);
        await peer.SendAsync(Nop, 0);
        await peer.SendDataAsync(stream.Id, new byte[65_535]);
        Assert.Equal(new byte[65_535], await stream.Input.ReadExactlyAsync(65_535));
        Assert.Equal(65_535, client.DroppedBytes);
        Assert.Equal(65_535, stream.BytesReceived);
    }

    [Fact]
    public async Task Syn_ForAnIdInUse_IsAProtocolError()
    {
        var pair = DuplexPair.Create();
        await using var server = SmuxSession.StartServer(pair.Server);
        var peer = new RawPeer(pair.Client);
        await peer.SendAsync(Syn, 3);
        await peer.SendAsync(Syn, 3);
        Assert.Equal(SmuxError.ProtocolError, (await server.FailureAsync()).Code);
    }

    [Fact]
    public async Task Syn_ToAClient_IsAProtocolError()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        await new RawPeer(pair.Server).SendAsync(Syn, 2);
        Assert.Equal(SmuxError.ProtocolError, (await client.FailureAsync()).Code);
    }

    [Fact]
    public async Task Syn_BeyondTheAcceptBacklog_IsAProtocolError()
    {
        var pair = DuplexPair.Create();
        await using var server = SmuxSession.StartServer(pair.Server);
        var peer = new RawPeer(pair.Client);
        for (var id = 3u; id <= 3 + 2 * SmuxSession.AcceptBacklog; id += 2)
            await peer.SendAsync(Syn, id);
        Assert.Equal(SmuxError.ProtocolError, (await server.FailureAsync()).Code);
    }

    [Fact]
    public async Task Failure_ReachesEveryStreamAndWhoeverComesLater()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        var streams = Enumerable.Range(0, 50).Select(_ => client.OpenStream()).ToList();
        var reads = streams.Select(stream => stream.ReadErrorAsync()).ToList();

        await pair.Server.Output.WriteAsync(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0 });
        var failure = await client.FailureAsync();
        Assert.Equal(SmuxError.ProtocolError, failure.Code);
        foreach (var read in reads)
        {
            var error = await read.Soon();
            Assert.Equal(SmuxError.SessionFailed, error.Code);
            Assert.Same(failure, error.InnerException);
        }

        foreach (var stream in streams)
        {
            await Assert.ThrowsAsync<SmuxStreamException>(() => stream.Completion.Soon());
            await Assert.ThrowsAsync<SmuxStreamException>(async () => await stream.Output.WriteAsync(new byte[] { 1 }));
        }

        Assert.Equal(SmuxError.ProtocolError, Assert.Throws<SmuxException>(client.OpenStream).Code);
        Assert.Equal((0, 0), (client.StreamCount, client.HeldBytes));
        Assert.True((await pair.Server.Input.ReadToEndAsync()).IsCompleted);
    }

    [Fact]
    public async Task Failure_SendsNoFin_WhichWouldLookLikeAnOrderlyEnd()
    {
        var pair = DuplexPair.Create(pauseBytes: 1024 * 1024);
        await using var client = SmuxSession.StartClient(pair.Client);
        for (var i = 0; i < 500; i++)
            client.OpenStream();
        await pair.Server.Output.CompleteAsync();
        await client.FailureAsync();

        var peer = new RawPeer(pair.Server);
        await Assert.ThrowsAsync<EndOfStreamException>(async () =>
        {
            while (true)
                Assert.Equal(Syn, (await peer.ReceiveAsync()).Command);
        });
    }

    [Fact]
    public async Task Failure_AfterThePeersFin_LeavesReceivedDataReadable()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        var peer = new RawPeer(pair.Server);
        var stream = client.OpenStream();
        await peer.ExpectAsync(Syn, 3);
        await peer.SendDataAsync(3, 1, 2, 3);
        await peer.SendAsync(Fin, 3);
        await peer.Output.CompleteAsync();

        Assert.Equal(SmuxError.TransportClosed, (await client.FailureAsync()).Code);
        Assert.Equal(3, (await stream.Input.DigestAsync()).Bytes);
        await stream.Completion.Soon();
    }

    [Fact]
    public async Task Transport_Faulted_IsTheInnerException()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        await pair.Server.Output.CompleteAsync(new IOException("The link is gone."));
        var failure = await client.FailureAsync();
        Assert.Equal(SmuxError.TransportFailed, failure.Code);
        Assert.IsType<IOException>(failure.InnerException);
    }

    [Fact]
    public async Task Transport_ThatNoLongerTakesData_EndsTheSession()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        await pair.Server.Input.CompleteAsync();
        var stream = client.OpenStream();
        Assert.Equal(SmuxError.TransportClosed, (await client.FailureAsync()).Code);
        Assert.Equal(SmuxError.SessionFailed, (await stream.ReadErrorAsync()).Code);
    }

    [Fact]
    public async Task Dispose_EndsStreamsAndTransport_AndIsNoFailure()
    {
        var pair = DuplexPair.Create(pauseBytes: 1);
        var client = SmuxSession.StartClient(pair.Client);
        var stream = client.OpenStream();
        var writing = stream.SendAsync(new byte[1024 * 1024]);
        var reading = stream.ReadErrorAsync();

        await client.DisposeAsync();
        await client.DisposeAsync();
        await client.Completion.Soon();
        Assert.Equal(SmuxError.SessionDisposed, Assert.IsType<SmuxException>((await reading.Soon()).InnerException).Code);
        await Assert.ThrowsAsync<SmuxStreamException>(() => writing.Soon());
        await stream.DisposeAsync();
        Assert.True((await pair.Server.Input.ReadToEndAsync()).IsCompleted);
        Assert.True((await pair.Server.Output.FlushAsync()).IsCompleted);
    }

    [Fact]
    public async Task AcceptStream_WhenTheSessionEnds_Fails()
    {
        var pair = DuplexPair.Create();
        await using var server = SmuxSession.StartServer(pair.Server);
        var accepting = server.AcceptStreamAsync(Patience.Token()).AsTask();
        await pair.Client.Output.CompleteAsync();
        Assert.Equal(SmuxError.TransportClosed, (await Assert.ThrowsAsync<SmuxException>(() => accepting.Soon())).Code);
    }

    [Fact]
    public async Task KeepAlive_SendsNopAtEachInterval_AndFailsAfterSilence()
    {
        var time = new FakeTimeProvider();
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(
            pair.Client,
            new SmuxOptions { KeepAliveInterval = TimeSpan.FromSeconds(10) },
            time
        );
        var peer = new RawPeer(pair.Server);
        var stream = client.OpenStream();
        await peer.ExpectAsync(Syn, 3);

        for (var i = 0; i < 5; i++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await peer.ExpectAsync(Nop, 0);
            await peer.SendAsync(Nop, 0);
            await peer.SendDataAsync(3, 1);
            await stream.Input.ReadExactlyAsync(1);
        }

        time.Advance(TimeSpan.FromSeconds(10));
        await peer.ExpectAsync(Nop, 0);
        time.Advance(TimeSpan.FromSeconds(10));
        await peer.ExpectAsync(Nop, 0);
        Assert.False(client.Completion.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(SmuxError.KeepAliveTimeout, (await client.FailureAsync()).Code);
    }
}
