using System.Net.Sockets;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

public sealed class ForwardingTests
{
    [Fact]
    public async Task Connection_ToAnEchoServer_GetsBackWhatItSends()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        var sent = Bytes.Random(100_000, seed: 1);

        var sending = Bytes.SendAllAsync(client, sent);
        var received = await Bytes.ReceiveAsync(client, sent.Length);
        await sending;

        Assert.Equal(Bytes.Digest(sent), Bytes.Digest(received));
    }

    [Fact]
    public async Task FirstConnection_NoSessionYet_OpensOneWhileItsBytesWait()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port, openNow: false);
        Assert.Equal(TunnelState.Listening, tunnel.State);
        Assert.Empty(stack.Emulator.Sessions);

        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync("early"u8.ToArray());

        Assert.Equal("early"u8.ToArray(), await Bytes.ReceiveAsync(client, 5));
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
    }

    [Fact]
    public async Task Server_SpeaksFirst_IsHeard()
    {
        await using var server = new TargetServer(socket => Bytes.SendAllAsync(socket, "welcome"u8.ToArray()));
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);

        Assert.Equal((7, Bytes.Digest("welcome"u8)), await Bytes.DigestToEndAsync(client));
    }

    [Fact]
    public async Task Client_ShutsDownItsSendingSide_StillGetsItsWholeAnswer()
    {
        var answer = Bytes.Random(3_000_000, seed: 2);
        await using var server = new TargetServer(async socket =>
        {
            await Bytes.ReceiveAsync(socket, 5);
            await Bytes.SendAllAsync(socket, answer);
        });
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);

        await client.SendAsync("query"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal((answer.Length, Bytes.Digest(answer)), await Bytes.DigestToEndAsync(client));
    }

    [Fact]
    public async Task Client_SendsAndIsGone_TheServerGetsAllOfItAndThenTheEnd()
    {
        var sent = Bytes.Random(500_000, seed: 3);
        var arrived = new TaskCompletionSource<(long, string)>();
        await using var server = new TargetServer(async socket =>
        {
            await Bytes.SendAllAsync(socket, new byte[1]);
            arrived.SetResult(await Bytes.DigestToEndAsync(socket));
        });
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);

        using (var client = await Stack.ConnectAsync(tunnel.LocalPort))
        {
            await Bytes.ReceiveAsync(client, 1);
            await Bytes.SendAllAsync(client, sent);
            client.Shutdown(SocketShutdown.Both);
        }

        Assert.Equal((sent.Length, Bytes.Digest(sent)), await arrived.Task.WaitAsync(Hang.Limit));
    }

    [Fact]
    public async Task Client_Resets_TheServerSeesTheEndAtOnce()
    {
        var ended = new TaskCompletionSource();
        await using var server = new TargetServer(async socket =>
        {
            await Bytes.SendAllAsync(socket, new byte[1]);
            await Bytes.DigestToEndAsync(socket);
            ended.SetResult();
        });
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using (var client = await Stack.ConnectAsync(tunnel.LocalPort))
        {
            await Bytes.ReceiveAsync(client, 1);
            client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await ended.Task.WaitAsync(Hang.Limit);
    }

    [Fact]
    public async Task Target_CannotBeReached_ResetsTheConnectionAndSaysWhy()
    {
        await using var stack = await Stack.StartAsync();
        int closedPort;
        await using (var server = TargetServer.Echo())
        {
            closedPort = server.Port;
        }

        var tunnel = await stack.OpenAsync(closedPort);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync(new byte[1]);

        var faulted = await stack.WhenAsync(info => info.State == TunnelState.Faulted);

        Assert.Equal(TunnelErrorCode.TargetUnreachable, faulted.Fault?.Code);
        var reset = await Assert.ThrowsAsync<SocketException>(() => Bytes.DigestToEndAsync(client));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        await stack.WhenAsync(info => info.LastReset?.Code == TunnelErrorCode.TargetUnreachable);
    }
}
