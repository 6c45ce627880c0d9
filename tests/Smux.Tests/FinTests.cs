using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using static RdsTunnel.Smux.FrameCommand;

namespace RdsTunnel.Smux.Tests;

public sealed class FinTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly SmuxSession _client;
    private readonly RawPeer _peer;

    public FinTests()
    {
        var pair = DuplexPair.Create();
        _client = SmuxSession.StartClient(pair.Client, new SmuxOptions(), _time);
        _peer = new RawPeer(pair.Server);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _client.DisposeAsync();

    [Fact]
    public async Task CompleteOutput_OnClient_SendsDataAndHoldsFinBack()
    {
        var stream = await OpenAsync();
        await stream.Output.WriteAsync(new byte[] { 1, 2 });
        await stream.Output.CompleteAsync();
        await _peer.ExpectAsync(Psh, 3, 1, 2);
        await ExpectSilenceAsync();
    }

    [Fact]
    public async Task CompleteOutput_ThenPeerFin_SendsFinAndEndsStream()
    {
        var stream = await OpenAsync();
        await stream.Output.CompleteAsync();
        await ExpectSilenceAsync();

        await _peer.SendAsync(Fin, 3);
        await _peer.ExpectAsync(Fin, 3);
        await stream.Completion.Soon();
        Assert.Equal(1, _client.StreamCount);
    }

    [Fact]
    public async Task CompleteOutput_ThenLingerWithoutData_SendsFinAndStillDeliversAnswer()
    {
        var stream = await OpenAsync();
        await stream.Output.CompleteAsync();
        await ExpectSilenceAsync();

        _time.Advance(TimeSpan.FromSeconds(60));
        await _peer.ExpectAsync(Fin, 3);

        await _peer.SendDataAsync(3, 7);
        Assert.Equal([7], await stream.Input.ReadExactlyAsync(1));
        await _peer.SendAsync(Fin, 3);
        await stream.Completion.Soon();
    }

    [Fact]
    public async Task CompleteOutput_ThenLingerWithData_StartsLingerAnew()
    {
        var stream = await OpenAsync();
        await stream.Output.CompleteAsync();
        await ExpectSilenceAsync();

        _time.Advance(TimeSpan.FromSeconds(59));
        await _peer.SendDataAsync(3, 7);
        await stream.Input.ReadExactlyAsync(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        await ExpectSilenceAsync();

        _time.Advance(TimeSpan.FromSeconds(60));
        await _peer.ExpectAsync(Fin, 3);
    }

    [Fact]
    public async Task CompleteOutput_AndInput_SendsFinAtOnce()
    {
        var stream = await OpenAsync();
        await stream.Output.CompleteAsync();
        await ExpectSilenceAsync();

        await stream.Input.CompleteAsync();
        await _peer.ExpectAsync(Fin, 3);
        await stream.Completion.Soon();
    }

    [Fact]
    public async Task CompleteOutput_OnServer_SendsFinAfterData()
    {
        var pair = DuplexPair.Create();
        await using var server = SmuxSession.StartServer(pair.Client);
        var peer = new RawPeer(pair.Server);
        await peer.SendAsync(Syn, 3);

        var stream = await server.AcceptStreamAsync(Patience.Token());
        await stream.Output.WriteAsync(new byte[] { 1 });
        await stream.Output.CompleteAsync();
        await peer.ExpectAsync(Psh, 3, 1);
        await peer.ExpectAsync(Fin, 3);
    }

    [Fact]
    public async Task PeerFin_WithBufferedData_DeliversItThenCompletesInput()
    {
        var stream = await OpenAsync();
        await _peer.SendDataAsync(3, 1, 2, 3);
        await _peer.SendAsync(Fin, 3);
        await _peer.ExpectAsync(Fin, 3);

        Assert.False(stream.Completion.IsCompleted);
        Assert.Equal([1, 2, 3], await stream.Input.ReadExactlyAsync(3));
        var end = await stream.Input.ReadAsync(Patience.Token());
        Assert.True(end.IsCompleted);
        Assert.True(end.Buffer.IsEmpty);
        await stream.Completion.Soon();
    }

    [Fact]
    public async Task PeerFin_WhileWriting_CompletesOutput()
    {
        var stream = await OpenAsync();
        await _peer.SendAsync(Fin, 3);
        await _peer.ExpectAsync(Fin, 3);

        var flush = await stream.Output.WriteAsync(new byte[] { 1 });
        Assert.True(flush.IsCompleted);
        await ExpectSilenceAsync();
    }

    [Fact]
    public async Task Abort_SendsFinAtOnceAndDropsWhatStillArrives()
    {
        var stream = await OpenAsync();
        stream.Abort();
        await _peer.ExpectAsync(Fin, 3);

        Assert.Equal(SmuxError.LocalReset, (await stream.ReadErrorAsync()).Code);
        var completion = await Assert.ThrowsAsync<SmuxStreamException>(() => stream.Completion.Soon());
        Assert.Equal((SmuxError.LocalReset, 3u), (completion.Code, completion.StreamId));
        await _peer.SendDataAsync(3, 1, 2, 3);
        await ExpectSilenceAsync();
        Assert.Equal(3, _client.DroppedBytes);
        Assert.Equal(0, _client.HeldBytes);
    }

    [Fact]
    public async Task Abort_WhileLocalReaderAndWriterWait_WakesBoth()
    {
        var pair = DuplexPair.Create(pauseBytes: 1);
        await using var client = SmuxSession.StartClient(pair.Client);
        var stream = client.OpenStream();
        var reading = stream.Input.ReadAsync().AsTask();
        var writing = stream.Output.WriteAsync(new byte[1024 * 1024]).AsTask();
        Assert.False(writing.IsCompleted);

        stream.Abort();
        await Assert.ThrowsAsync<SmuxStreamException>(() => reading.Soon());
        await Assert.ThrowsAsync<SmuxStreamException>(() => writing.Soon());
    }

    [Fact]
    public async Task Abort_BeforeSynWasSent_SendsNothing()
    {
        var pair = DuplexPair.Create(pauseBytes: 1);
        await using var client = SmuxSession.StartClient(pair.Client);
        var peer = new RawPeer(pair.Server);
        client.OpenStream();
        await WaitUntilCongestedAsync(pair.Server.Input);

        client.OpenStream().Abort();
        client.OpenStream();
        await peer.ExpectAsync(Syn, 3);
        await peer.ExpectAsync(Syn, 7);
    }

    [Fact]
    public async Task CompleteOutput_WithAnException_Aborts()
    {
        var stream = await OpenAsync();
        await stream.Output.CompleteAsync(new IOException("The local socket was reset."));
        await _peer.ExpectAsync(Fin, 3);
        Assert.Equal(SmuxError.LocalReset, (await stream.ReadErrorAsync()).Code);
    }

    [Fact]
    public async Task Dispose_OfAnOpenStream_AbortsIt()
    {
        var stream = await OpenAsync();
        await _peer.SendDataAsync(3, 1);
        await ExpectSilenceAsync();
        await stream.DisposeAsync();
        await _peer.ExpectAsync(Fin, 3);
        Assert.Equal(0, _client.HeldBytes);
    }

    [Fact]
    public async Task HalfClose_ThroughAPair_StillGetsTheWholeAnswer()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client, new SmuxOptions(), _time);
        await using var server = SmuxSession.StartServer(pair.Server);
        var answer = StreamExtensions.RandomBytes(1, 1_000_000);

        var stream = client.OpenStream();
        await stream.Output.WriteAsync(new byte[] { 42 });
        await stream.Output.CompleteAsync();
        var served = await server.AcceptStreamAsync(Patience.Token());
        Assert.Equal([42], await served.Input.ReadExactlyAsync(1));
        var sending = SendAllAsync();

        Assert.Equal((answer.Length, StreamExtensions.Digest(answer)), await stream.Input.DigestAsync());
        await sending.Soon();
        await stream.Completion.Soon();
        await served.Completion.Soon();

        async Task SendAllAsync()
        {
            await served.SendAsync(answer);
            await served.Output.CompleteAsync();
        }
    }

    private async Task<SmuxStream> OpenAsync()
    {
        var stream = _client.OpenStream();
        await _peer.ExpectAsync(Syn, stream.Id);
        return stream;
    }

    /// <summary>All that was to be sent for what happened until now has been sent, and all that
    /// arrived has been handled, once a new stream's
    /// SYN comes out and data for it was read.</summary>
    private async Task ExpectSilenceAsync()
    {
        var probe = await OpenAsync();
        await _peer.SendDataAsync(probe.Id, 0);
        await probe.Input.ReadExactlyAsync(1);
    }

    /// <summary>Looks at the first bytes without taking them: by then the write loop waits in its flush.</summary>
    private static async Task WaitUntilCongestedAsync(PipeReader transport)
    {
        var result = await transport.ReadAsync(Patience.Token());
        transport.AdvanceTo(result.Buffer.Start);
    }
}
