using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Faults;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.World;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>A tunnel outlives its sessions, and takes as many as its connections need.</summary>
public sealed class SessionLifeTests
{
    private static readonly AgentOptions Unpaced = new() { Unpaced = true };

    [Fact]
    public async Task Pool_TheOnlySessionCarriesATransfer_WarmsUpAnotherForTheNextConnectionAndLetsItGoWhenIdle()
    {
        var time = new FakeTimeProvider();
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(tunnelTime: time);
        var tunnel = await stack.OpenAsync(server.Port);
        using (var busy = await Stack.ConnectAsync(tunnel.LocalPort))
        {
            await EchoAsync(busy, 200_000);
            time.Advance(TimeSpan.FromSeconds(1));
            await stack.UntilAsync(info => info.Statistics.SessionsNow == 2);
            var before = stack.Emulator.Sessions[1].Counters.ClientToNode.DataMessages;

            using var next = await Stack.ConnectAsync(tunnel.LocalPort);
            await EchoAsync(next, 1_000);

            Assert.True(stack.Emulator.Sessions[1].Counters.ClientToNode.DataMessages > before);
        }

        await stack.UntilAsync(info => info.Statistics.ConnectionsNow == 0);
        while (stack.Tunnel.Statistics.SessionsNow == 2)
        {
            // No faster than acknowledgements come: an agent that owes one for ten seconds counts as silent.
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        Assert.Equal(1, stack.Tunnel.Statistics.SessionsNow);
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
    }

    [Fact]
    public async Task Pool_TheOnlySessionWaitsForLostMessages_WarmsUpAnotherForTheNextConnections()
    {
        // Three hundred messages, which the agent sends again in half a minute.
        const int lostBytes = 300_000;
        var isLossy = new TaskCompletionSource();
        var isWhole = new TaskCompletionSource();
        await using var server = new TargetServer(async socket =>
        {
            var first = await Bytes.ReceiveAsync(socket, 1);
            await Bytes.SendAllAsync(socket, first);
            if (first[0] == 'D')
            {
                await isLossy.Task;
                await Bytes.SendAllAsync(socket, new byte[lostBytes]);
                await isWhole.Task;
                await Bytes.SendAllAsync(socket, new byte[1]);
            }
        });
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 2);
        using var download = await Stack.ConnectAsync(tunnel.LocalPort);
        await download.SendAsync("D"u8.ToArray());
        await Bytes.ReceiveAsync(download, 1);

        stack.Session.Faults.SetNodeToClient(new LinkFaults { Drop = 1 });
        isLossy.SetResult();
        await stack.UntilAsync(_ => stack.Emulator.Sessions[0].Counters.NodeToClient.LostMessages >= lostBytes / 1024);
        stack.Emulator.Sessions[0].Faults.SetNodeToClient(null);
        isWhole.SetResult();
        var receiving = Bytes.ReceiveAsync(download, lostBytes + 1);

        await stack.UntilAsync(info => info.Statistics.SessionsNow == 2);
        for (var number = 0; number < 3; number++)
        {
            using var next = await Stack.ConnectAsync(tunnel.LocalPort);
            await next.SendAsync("E"u8.ToArray());
            await Bytes.ReceiveAsync(next, 1);
        }

        Assert.False(receiving.IsCompleted);
        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);
        await Assert.ThrowsAsync<SocketException>(() => receiving);
    }

    [Fact]
    public async Task Connect_LinkWasReplacedAndMessagesWereOnTheirWay_DoesNotWaitForThem()
    {
        const int firstBytes = 100_000;
        const int lostBytes = 300_000;
        var isLossy = new TaskCompletionSource();
        await using var server = new TargetServer(async socket =>
        {
            var first = await Bytes.ReceiveAsync(socket, 1);
            await Bytes.SendAllAsync(socket, first);
            if (first[0] == 'D')
            {
                await Bytes.SendAllAsync(socket, new byte[firstBytes]);
                await isLossy.Task;
                await Bytes.SendAllAsync(socket, new byte[lostBytes]);
                await socket.ReceiveAsync(new byte[1]);
            }
        });
        // Time that stands still keeps the cut in the midst of the download, however slow the machine is.
        await using var stack = await Stack.StartAsync(tunnelTime: new FakeTimeProvider());
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 2);
        using var download = await Stack.ConnectAsync(tunnel.LocalPort);
        await download.SendAsync("D"u8.ToArray());
        await Bytes.ReceiveAsync(download, 1 + firstBytes);
        var session = stack.Session;
        session.Faults.SetNodeToClient(new LinkFaults { Drop = 1 });
        isLossy.SetResult();
        await stack.UntilAsync(_ => session.Counters.NodeToClient.LostMessages >= lostBytes / 1024);

        session.Faults.CutClient();
        session.Faults.SetNodeToClient(null);
        await stack.UntilAsync(info => info.Statistics.Resumes == 1);
        var receiving = Bytes.ReceiveAsync(download, lostBytes);
        using var next = await Stack.ConnectAsync(tunnel.LocalPort);
        await next.SendAsync("E"u8.ToArray());
        await Bytes.ReceiveAsync(next, 1);

        Assert.False(receiving.IsCompleted);
        Assert.Equal(2, stack.Emulator.Sessions.Count);
        await receiving; // the agent goes on sending what was lost
    }

    [Fact]
    public async Task Pool_OneSessionAllowed_CarriesAllConnections()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 1);
        using var first = await Stack.ConnectAsync(tunnel.LocalPort);
        using var second = await Stack.ConnectAsync(tunnel.LocalPort);

        await Task.WhenAll(EchoAsync(first, 300_000), EchoAsync(second, 300_000));

        Assert.Equal(1, stack.Tunnel.Statistics.SessionsTotal);
    }

    [Fact]
    public async Task Service_ClosesTheWebsocketEachHour_TheTransferGoesOn()
    {
        var download = Bytes.Random(3_000_000, seed: 1);
        await using var server = new TargetServer(socket => Bytes.SendAllAsync(socket, download));
        await using var stack = await Stack.StartAsync(
            new EmulatorOptions { Limits = SessionLimits.Default with { ClientConnectionLifetime = TimeSpan.FromMilliseconds(700) } }
        );
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 1);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);

        Assert.Equal((download.Length, Bytes.Digest(download)), await Bytes.DigestToEndAsync(client));
        Assert.True(stack.Tunnel.Statistics.Resumes > 0);
        Assert.Equal(1, stack.Tunnel.Statistics.SessionsTotal);
    }

    [Fact]
    public async Task Session_IdleForTooLong_IsReplacedByTheNextConnection()
    {
        await using var server = TargetServer.Echo();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stack = await Stack.StartAsync(
            new EmulatorOptions { Agent = Unpaced, Limits = SessionLimits.Default with { IdleTimeout = TimeSpan.FromMinutes(1) } },
            emulatorTime: time
        );
        var tunnel = await stack.OpenAsync(server.Port);
        await stack.UntilAsync(info => info.State == TunnelState.Open);
        while (stack.Tunnel.State != TunnelState.Listening)
        {
            // The handshake's last messages may still arrive, and count as data.
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(client, 100);

        Assert.Equal(2, stack.Emulator.Sessions.Count);
        Assert.Equal(tunnel.LocalPort, stack.Tunnel.LocalPort);
    }

    [Fact]
    public async Task Link_HalfOpen_IsNoticedAndReplaced()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(client, 100);

        stack.Session.Faults.FreezeClient();
        await EchoAsync(client, 100).WaitAsync(Hang.Limit);

        Assert.Equal(1, stack.Tunnel.Statistics.Resumes);
    }

    [Fact]
    public async Task OldAgent_SecondConnection_WaitsForTheFirstToEnd()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(
            new EmulatorOptions { Agent = Unpaced, Instances = [EmulatedInstance.Default with { AgentVersion = "3.0.100.0" }] }
        );
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 1);
        using var first = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(first, 10_000);
        using var second = await Stack.ConnectAsync(tunnel.LocalPort);
        var waiting = EchoAsync(second, 10_000);
        await EchoAsync(first, 10_000);
        Assert.False(waiting.IsCompleted);

        first.Shutdown(SocketShutdown.Both);
        first.Dispose();

        await waiting.WaitAsync(Hang.Limit);
        Assert.Equal(2, stack.Tunnel.Statistics.SessionsTotal);
    }

    [Fact]
    public async Task Agent_WithKeepAlive_IsSentOne()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(
            new EmulatorOptions { Agent = Unpaced, Instances = [EmulatedInstance.Default with { AgentVersion = "3.1.1500.0" }] }
        );
        var tunnel = await stack.OpenAsync(server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(client, 10_000);
    }

    private static async Task EchoAsync(Socket client, int count)
    {
        var sent = Bytes.Random(count, seed: count);
        var sending = Bytes.SendAllAsync(client, sent);
        Assert.Equal(Bytes.Digest(sent), Bytes.Digest(await Bytes.ReceiveAsync(client, count)));
        await sending;
    }
}
