using System.Net.Sockets;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

public sealed class LoadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(170);

    [Fact]
    public async Task TwoHundredConnections_AtOnce_EachGetsItsOwnBytes()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port, openNow: false);

        await Task.WhenAll(
                Enumerable
                    .Range(0, 200)
                    .Select(async number =>
                    {
                        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
                        var sent = Bytes.Random(50_000 + number, seed: number);
                        var sending = Bytes.SendAllAsync(client, sent);
                        Assert.Equal(Bytes.Digest(sent), Bytes.Digest(await Bytes.ReceiveAsync(client, sent.Length)));
                        await sending;
                    })
            )
            .WaitAsync(Patience);

        Assert.Equal(200, stack.Tunnel.Statistics.ConnectionsTotal);
    }

    [Fact]
    public async Task FiveThousandConnections_OneAfterTheOther_LeaveNothingBehind()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 1);
        var request = Bytes.Random(100, seed: 1);
        var received = new byte[100];

        for (var i = 0; i < 5_000; i++)
        {
            using var client = await Stack.ConnectAsync(tunnel.LocalPort);
            await client.SendAsync(request);
            for (var at = 0; at < request.Length; )
            {
                at +=
                    await client.ReceiveAsync(received.AsMemory(at)) is var count && count > 0
                        ? count
                        : throw new IOException($"Connection {i} ended.");
            }

            Assert.Equal(request, received);
        }

        await UntilAsync(() => stack.Tunnel.Statistics.ConnectionsNow == 0 && server.OpenConnections == 0);
        Assert.Equal(5_000, stack.Tunnel.Statistics.ConnectionsTotal);
        Assert.Equal(1, stack.Tunnel.Statistics.SessionsTotal);
    }

    [Fact]
    public async Task TwoHundredFiftySixMegabytes_EachWay_ArriveWhole()
    {
        const int chunkBytes = 1024 * 1024;
        const int chunks = 256;
        var chunk = Bytes.Random(chunkBytes, seed: 7);
        await using var server = new TargetServer(socket => ExchangeAsync(socket, chunk, chunks));
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 1);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);

        await ExchangeAsync(client, chunk, chunks).WaitAsync(Patience);

        await stack.UntilAsync(info => info.Statistics is { BytesUp: chunks * (long)chunkBytes, BytesDown: chunks * (long)chunkBytes });
    }

    [Fact]
    public async Task Reader_StopsForThirtySecondsAtTheAgentsPace_OthersGoOnAndItStillGetsAll()
    {
        // 30 s at 0.9 MB/s, which the agent without its pace sends as fast as it can.
        var download = Bytes.Random(27_000_000, seed: 8);
        var allSent = new TaskCompletionSource();
        await using var server = BulkOrEcho(download, allSent);
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 1);
        using var stopped = await StartBulkAsync(tunnel);

        await ExchangeOnOthersAsync(tunnel);
        await allSent.Task.WaitAsync(Patience);
        await ExchangeOnOthersAsync(tunnel);

        Assert.Equal(Bytes.Digest(download), Bytes.Digest(await Bytes.ReceiveAsync(stopped, download.Length).WaitAsync(Patience)));
    }

    [Fact]
    public async Task Reader_StopsForLongerThanTheBudgetAllows_IsResetWithTheReasonAndOthersGoOn()
    {
        var download = Bytes.Random(90_000_000, seed: 9);
        await using var server = BulkOrEcho(download, new TaskCompletionSource());
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 1);
        using var stopped = await StartBulkAsync(tunnel);

        await stack.UntilAsync(info => info.LastReset is not null);
        await ExchangeOnOthersAsync(tunnel);

        Assert.Equal(TunnelErrorCode.SlowReader, stack.Tunnel.LastReset?.Code);
        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(stopped, download.Length).WaitAsync(Patience));
    }

    // A client that sends B gets the download, any other gets its bytes back.
    private static TargetServer BulkOrEcho(byte[] download, TaskCompletionSource allSent) =>
        new(async socket =>
        {
            var buffer = await Bytes.ReceiveAsync(socket, 1);
            if (buffer[0] == 'B')
            {
                await Bytes.SendAllAsync(socket, download);
                allSent.SetResult();
                return;
            }

            buffer = new byte[64 * 1024];
            while (await socket.ReceiveAsync(buffer) is var count && count > 0)
            {
                await Bytes.SendAllAsync(socket, buffer.AsMemory(0, count));
            }
        });

    private static async Task<Socket> StartBulkAsync(TunnelInfo tunnel)
    {
        var client = await Stack.ConnectAsync(tunnel.LocalPort);
        client.ReceiveBufferSize = 64 * 1024;
        await client.SendAsync("B"u8.ToArray());
        return client;
    }

    private static Task ExchangeOnOthersAsync(TunnelInfo tunnel) =>
        Task.WhenAll(
                Enumerable
                    .Range(0, 20)
                    .Select(async number =>
                    {
                        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
                        var sent = Bytes.Random(100_000, seed: number);
                        await client.SendAsync("E"u8.ToArray());
                        var sending = Bytes.SendAllAsync(client, sent);
                        Assert.Equal(Bytes.Digest(sent), Bytes.Digest(await Bytes.ReceiveAsync(client, sent.Length)));
                        await sending;
                    })
            )
            .WaitAsync(Patience);

    private static async Task ExchangeAsync(Socket socket, byte[] chunk, int chunks)
    {
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < chunks; i++)
            {
                await Bytes.SendAllAsync(socket, chunk);
            }
        });
        var received = new byte[chunk.Length];
        for (var i = 0; i < chunks; i++)
        {
            for (var at = 0; at < received.Length; )
            {
                at +=
                    await socket.ReceiveAsync(received.AsMemory(at)) is var count && count > 0
                        ? count
                        : throw new IOException($"Ended in chunk {i}.");
            }

            Assert.True(chunk.AsSpan().SequenceEqual(received), $"Chunk {i} differs.");
        }

        await sending;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Hang.Limit, "It never came to that.");
            await Task.Yield();
        }
    }
}
