using Xunit.Abstractions;

namespace RdsTunnel.Smux.Tests;

/// <summary>Both ends treat 300 streams badly in every way at once; the session must not mind.</summary>
public class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Streams_EndedInEveryWayAtOnce_LeaveTheSessionWhole()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var pair = DuplexPair.Create(pauseBytes: 8 * 1024);
        await using var client = SmuxSession.StartClient(
            pair.Client,
            new SmuxOptions { StreamShareBytes = 32 * 1024, ReceiveBudgetBytes = 512 * 1024 }
        );
        await using var server = SmuxSession.StartServer(pair.Server, new SmuxOptions { ReceiveBudgetBytes = 512 * 1024 });
        var serving = ServeAsync();

        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(() => MistreatAsync(client.OpenStream(), new Random(seed + i)))))
            .Soon();
        // One more, on a session that went through all that. The server sees it last: turns come in order.
        var last = client.OpenStream();
        var served = await serving.Soon();
        await served.Output.WriteAsync(new byte[] { 1, 2, 3 });
        Assert.Equal([1, 2, 3], await last.Input.ReadExactlyAsync(3));
        Assert.Equal((1, 0, 1, 0), (client.StreamCount, client.HeldBytes, server.StreamCount, server.HeldBytes));
        Assert.False(client.IsCongested || server.IsCongested);

        async Task<SmuxStream> ServeAsync()
        {
            var connections = new List<Task>();
            while (true)
            {
                // A stream that was aborted before its SYN was sent never comes here.
                var stream = await server.AcceptStreamAsync(Patience.Token());
                if (stream.Id == 3 + 2 * 300)
                {
                    await Task.WhenAll(connections);
                    return stream;
                }

                var random = new Random(seed - connections.Count);
                connections.Add(Task.Run(() => MistreatAsync(stream, random)));
            }
        }
    }

    private static async Task MistreatAsync(SmuxStream stream, Random random)
    {
        using var cancellation = new CancellationTokenSource();
        var writing = WriteAsync(stream, random.Next(200_000), random.Next(1, 20_000), cancellation.Token);
        var reading = ReadAsync(stream, random.Next(200_000), random.Next(2) == 0, cancellation.Token);
        var first = await Task.WhenAny(writing, reading, random.Next(3) == 0 ? Task.CompletedTask : Task.WhenAll(writing, reading));
        if (first != writing && random.Next(2) == 0)
            stream.Abort();
        await cancellation.CancelAsync();
        await writing;
        await reading;
        await stream.DisposeAsync();
    }

    private static async Task WriteAsync(SmuxStream stream, int bytes, int pieceBytes, CancellationToken cancellationToken)
    {
        try
        {
            for (var written = 0; written < bytes; written += pieceBytes)
            {
                if ((await stream.Output.WriteAsync(new byte[pieceBytes], cancellationToken)).IsCompleted)
                    return;
            }

            await stream.Output.CompleteAsync();
        }
        catch (Exception e) when (e is SmuxStreamException or OperationCanceledException)
        {
            // One of the ways for a stream to end.
        }
    }

    private static async Task ReadAsync(SmuxStream stream, int bytes, bool inSmallSteps, CancellationToken cancellationToken)
    {
        try
        {
            while (bytes > 0)
            {
                var result = await stream.Input.ReadAsync(cancellationToken);
                var consumed = result.Buffer.Slice(0, inSmallSteps ? Math.Min(1_000, result.Buffer.Length) : result.Buffer.Length);
                bytes -= (int)consumed.Length;
                stream.Input.AdvanceTo(consumed.End);
                if (result.IsCompleted && consumed.Length == result.Buffer.Length)
                    return;
            }

            await stream.Input.CompleteAsync();
        }
        catch (Exception e) when (e is SmuxStreamException or OperationCanceledException)
        {
            // One of the ways for a stream to end.
        }
    }
}
