using System.IO.Pipelines;
using static RdsTunnel.Smux.FrameCommand;

namespace RdsTunnel.Smux.Tests;

public class FairnessTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task SmallWrite_BehindBulkUploads_WaitsForOneTurnOfEach(int uploads)
    {
        // The transport takes what one flush brings, then congests.
        var pair = DuplexPair.Create(pauseBytes: 1);
        await using var client = SmuxSession.StartClient(pair.Client);
        var peer = new RawPeer(pair.Server);
        var query = client.OpenStream();
        await peer.ExpectAsync(Syn, query.Id);
        var bulk = Enumerable.Range(0, uploads).Select(_ => client.OpenStream()).ToList();
        foreach (var stream in bulk)
            await peer.ExpectAsync(Syn, stream.Id);
        var sending = bulk.Select(stream => stream.SendAsync(new byte[1024 * 1024])).ToArray();

        // Until every upload has sent something: then all of them are in the round.
        var senders = new HashSet<uint>();
        while (senders.Count < uploads)
            senders.Add((await peer.ReceiveAsync()).StreamId);

        await query.Output.WriteAsync(new byte[] { 1 });
        var bytesBefore = 0;
        while (await peer.ReceiveAsync() is var frame && frame.StreamId != query.Id)
        {
            Assert.InRange(frame.Data.Length, 0, SmuxStream.TurnBytes - FrameHeader.SizeBytes);
            bytesBefore += frame.Data.Length;
        }

        // What was flushed before, what was written and waited for the flush, and a turn of each upload.
        Assert.InRange(bytesBefore, 0, 2 * WriteLoop.FlushBytes + uploads * SmuxStream.TurnBytes);
        foreach (var stream in bulk)
            stream.Abort();
        foreach (var task in sending)
            await Assert.ThrowsAsync<SmuxStreamException>(() => task.Soon());
    }

    [Fact]
    public async Task Upload_WhileTheTransportIsCongested_StopsTheLocalWriter()
    {
        var pair = DuplexPair.Create(pauseBytes: 1);
        await using var client = SmuxSession.StartClient(pair.Client);
        var stream = client.OpenStream();
        var written = 0;
        ValueTask<FlushResult> flush;
        do
        {
            flush = stream.Output.WriteAsync(new byte[1024]);
            written += 1024;
        } while (flush.IsCompletedSuccessfully && written < 10 * SmuxStream.OutboxBytes);

        Assert.InRange(written, SmuxStream.OutboxBytes, SmuxStream.OutboxBytes + 2 * WriteLoop.FlushBytes);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<SmuxStreamException>(() => flush.Soon());
    }

    [Fact]
    public async Task OpenStreamAsync_WithFirstData_SharesTheFlush()
    {
        var pair = DuplexPair.Create();
        await using var client = SmuxSession.StartClient(pair.Client);
        await using var stream = await client.OpenStreamAsync(new byte[] { 7, 8 });

        var first = await pair.Server.Input.ReadAsync(Patience.Token());
        Assert.Equal(FrameHeader.SizeBytes + FrameHeader.SizeBytes + 2, first.Buffer.Length);
        pair.Server.Input.AdvanceTo(first.Buffer.Start);
        var peer = new RawPeer(pair.Server);
        await peer.ExpectAsync(Syn, 3);
        await peer.ExpectAsync(Psh, 3, 7, 8);
    }
}
