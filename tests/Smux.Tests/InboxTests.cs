using System.Buffers;
using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using static RdsTunnel.Smux.FrameCommand;

namespace RdsTunnel.Smux.Tests;

/// <summary>A stream's Input keeps the contract of a <see cref="PipeReader"/>.</summary>
public sealed class InboxTests : IAsyncLifetime
{
    private readonly SmuxSession _client;
    private readonly RawPeer _peer;
    private readonly SmuxStream _stream;

    public InboxTests()
    {
        var pair = DuplexPair.Create();
        _client = SmuxSession.StartClient(pair.Client);
        _peer = new RawPeer(pair.Server);
        _stream = _client.OpenStream();
    }

    public Task InitializeAsync() => _peer.ExpectAsync(Syn, 3);

    public async Task DisposeAsync() => await _client.DisposeAsync();

    [Fact]
    public async Task Read_Canceled_EndsTheWaitAndLosesNothing()
    {
        using var cancellation = new CancellationTokenSource();
        var reading = _stream.Input.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _stream.Input.ReadAsync(cancellation.Token).AsTask());

        await _peer.SendDataAsync(3, 1, 2);
        Assert.Equal([1, 2], await _stream.Input.ReadExactlyAsync(2));
    }

    [Fact]
    public async Task CancelPendingRead_WakesTheReaderOnce()
    {
        var reading = _stream.Input.ReadAsync().AsTask();
        _stream.Input.CancelPendingRead();
        Assert.True((await reading.Soon()).IsCanceled);
        Assert.False(_stream.Input.TryRead(out _));
        _stream.Input.CancelPendingRead();
        Assert.True(_stream.Input.TryRead(out var result));
        Assert.True(result.IsCanceled);
    }

    [Fact]
    public async Task Read_AfterAllWasExamined_WaitsForMore()
    {
        await _peer.SendDataAsync(3, 1, 2);
        var first = await _stream.Input.ReadAsync(Patience.Token());
        _stream.Input.AdvanceTo(first.Buffer.Start, first.Buffer.End);
        var second = _stream.Input.ReadAsync(Patience.Token());
        Assert.False(second.IsCompleted);

        await _peer.SendDataAsync(3, 3);
        var result = await second;
        Assert.Equal([1, 2, 3], result.Buffer.ToArray());
        _stream.Input.AdvanceTo(result.Buffer.Start);
        Assert.Equal([1, 2, 3], await _stream.Input.ReadExactlyAsync(3));
    }

    [Fact]
    public async Task Read_OfMoreThanOneReadGives_GrowsUntilItIsThere()
    {
        var data = StreamExtensions.RandomBytes(1, 5 * StreamInbox.MaxReadBytes);
        foreach (var piece in data.Chunk(30_000))
            await _peer.SendDataAsync(3, piece);
        Assert.Equal(data, await _stream.Input.ReadExactlyAsync(data.Length));
    }

    [Fact]
    public async Task Read_WhileAnotherIsPending_IsRefused()
    {
        var pending = _stream.Input.ReadAsync(Patience.Token()).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _stream.Input.ReadAsync());
        await _peer.SendDataAsync(3, 1);
        Assert.Equal(1, (await pending).Buffer.Length);
    }

    [Fact]
    public async Task AdvanceTo_BeyondTheRead_IsRefused()
    {
        await _peer.SendDataAsync(3, new byte[StreamInbox.MaxReadBytes / 4]);
        var first = await _stream.Input.ReadAsync(Patience.Token());
        var start = first.Buffer.Start;
        var middle = first.Buffer.GetPosition(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => _stream.Input.AdvanceTo(middle, start));
        _stream.Input.AdvanceTo(middle);
        Assert.Throws<ArgumentOutOfRangeException>(() => _stream.Input.AdvanceTo(first.Buffer.End));
    }

    [Fact]
    public async Task Complete_WhileAReadIsPending_EndsIt()
    {
        var reading = _stream.Input.ReadAsync(Patience.Token()).AsTask();
        await _stream.Input.CompleteAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => reading.Soon());
    }

    /// <summary>However data arrives, and however much of it each read consumes and examines, the reader gets it all, in order.</summary>
    [Fact]
    public void Reads_OfAnyStride_GiveAllBytesInOrder()
    {
        var input =
            from writes in Gen.Choose(0, 40_000).ListOf(20)
            from strides in Gen.Zip(Gen.Choose(0, 50_000), Gen.Choose(0, 100)).NonEmptyListOf()
            select (writes, strides);
        Prop.ForAll(
                input.ToArbitrary(),
                async value =>
                {
                    var pair = DuplexPair.Create();
                    await using var client = SmuxSession.StartClient(pair.Client);
                    var peer = new RawPeer(pair.Server);
                    await using var stream = client.OpenStream();
                    await peer.ExpectAsync(Syn, 3);
                    var data = StreamExtensions.RandomBytes(value.writes.Count, value.writes.Sum());
                    var sending = SendAsync();

                    var received = new ArrayBufferWriter<byte>();
                    for (var i = 0; ; i++)
                    {
                        var result = await stream.Input.ReadAsync(Patience.Token());
                        var (stride, examinedPercent) = value.strides[i % value.strides.Count];
                        var consumed = result.Buffer.GetPosition(Math.Min(stride, result.Buffer.Length));
                        foreach (var memory in result.Buffer.Slice(0, consumed))
                            received.Write(memory.Span);
                        var rest = result.Buffer.Slice(consumed);
                        if (result.IsCompleted && rest.IsEmpty)
                            break;
                        // A reader that consumes nothing must examine everything, or it would spin.
                        stream.Input.AdvanceTo(consumed, stride == 0 ? rest.End : rest.GetPosition(rest.Length * examinedPercent / 100));
                        if (result.IsCompleted && value.strides.All(s => s.Item1 == 0))
                            return;
                    }

                    Assert.Equal(StreamExtensions.Digest(data), StreamExtensions.Digest(received.WrittenSpan.ToArray()));
                    await sending;

                    async Task SendAsync()
                    {
                        var sent = 0;
                        foreach (var count in value.writes)
                        {
                            await peer.SendDataAsync(3, data[sent..(sent + count)]);
                            sent += count;
                        }

                        await peer.SendAsync(Fin, 3);
                    }
                }
            )
            .QuickCheckThrowOnFailure();
    }
}
