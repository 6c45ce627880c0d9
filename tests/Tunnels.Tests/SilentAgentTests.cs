using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Emulator.Faults;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>An agent that dies tells nobody. After ten seconds without an acknowledgement nothing new is entrusted to it.</summary>
public sealed class SilentAgentTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Connect_AgentIsSilent_GetsAnotherSessionAndOldConnectionsWait()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 1);
        using var old = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(old);
        await stack.Session.Faults.KillAgentAsync();
        await SendToTheDeadAsync(stack, old);

        Pass(seconds: 11);
        using var next = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(next);

        Assert.Equal(2, stack.Tunnel.Statistics.SessionsTotal);
        Assert.True(old.Connected);
        Assert.Null(stack.Tunnel.LastReset);
        Assert.Contains(stack.Log.Lines, line => line.Contains("has not acknowledged anything", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connection_NothingHasGoneEitherWay_MovesToAnotherSession()
    {
        // As MySQL's, it speaks first.
        await using var server = new TargetServer(socket => Bytes.SendAllAsync(socket, "greeting"u8.ToArray()));
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var tunnel = await stack.OpenAsync(server.Port);
        await stack.Session.Faults.KillAgentAsync();
        var before = stack.Session.Counters.ClientToNode.DataMessages;
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await UntilSentAsync(stack, before);

        Pass(seconds: 12);

        Assert.Equal("greeting"u8.ToArray(), await Bytes.ReceiveAsync(client, 8));
        Assert.Equal(2, stack.Tunnel.Statistics.SessionsTotal);
    }

    [Fact]
    public async Task Connection_HasAskedAndGotNoAnswer_IsResetWithTheReason()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var tunnel = await stack.OpenAsync(server.Port);
        await stack.Session.Faults.KillAgentAsync();
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await SendToTheDeadAsync(stack, client);

        Pass(seconds: 12);

        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(client, 1));
        await stack.UntilAsync(info => info.LastReset is not null);
        Assert.Equal(TunnelErrorCode.AgentUnresponsive, stack.Tunnel.LastReset?.Code);
        Assert.Contains("Connect again", stack.Tunnel.LastReset?.Message, StringComparison.Ordinal);
        using var again = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(again);
    }

    [Fact]
    public async Task Connect_ItIsTheLinkAndTheServiceIsOutOfReach_WaitsForTheSessionToBeResumed()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var tunnel = await stack.OpenAsync(server.Port);
        var session = stack.Session;
        using var old = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(old);
        session.Faults.FreezeClient();
        using var waits = await ConnectWhileSilentAsync(stack, old);
        session.Faults.CutClient();

        Assert.Equal("lost"u8.ToArray(), await Bytes.ReceiveAsync(old, 4));
        Assert.Equal("echo"u8.ToArray(), await Bytes.ReceiveAsync(waits, 4));
        EndUnknownSessions(stack, session);
    }

    [Fact]
    public async Task Connect_AgentIsBackWhileNoOtherSessionCanBeOpened_IsServedByIt()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var tunnel = await stack.OpenAsync(server.Port);
        var session = stack.Session;
        using var old = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(old);
        session.Faults.SetClientToNode(new LinkFaults(Drop: 1, IncludeAcknowledgements: true));
        using var waits = await ConnectWhileSilentAsync(stack, old);
        session.Faults.SetClientToNode(null);
        var echoes = Task.WhenAll(Bytes.ReceiveAsync(old, 4), Bytes.ReceiveAsync(waits, 4));
        // Retransmission, and the look at the agent each second, need time to pass.
        await PassUntilAsync(() => echoes.IsCompleted);

        Assert.Equal(["lost", "echo"], (await echoes).Select(Encoding.ASCII.GetString));
        EndUnknownSessions(stack, session);
    }

    // Those whose ids went with the lost answers.
    private static void EndUnknownSessions(Stack stack, EmulatedSession known)
    {
        foreach (var session in stack.Emulator.Sessions.Where(session => session != known))
        {
            session.Faults.EndSession();
        }
    }

    // It waits, since its session's agent counts as silent and no other session can be opened.
    private async Task<Socket> ConnectWhileSilentAsync(Stack stack, Socket old)
    {
        var before = stack.Tunnel.Statistics.Retransmissions;
        await old.SendAsync("lost"u8.ToArray());
        await PassUntilAsync(() => stack.Tunnel.Statistics.Retransmissions > before); // what is sent again has been sent
        Pass(seconds: 11);
        stack.Emulator.ApiFaults.LoseAnswer("StartSession", times: 1000);
        var waits = await Stack.ConnectAsync(stack.Tunnel.LocalPort);
        await waits.SendAsync("echo"u8.ToArray());
        await UntilLoggedAsync(stack, "No session could be opened");
        return waits;
    }

    // In small steps, between which the sockets and threads of this machine have a turn.
    private async Task PassUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    private static async Task UntilLoggedAsync(Stack stack, string words)
    {
        while (!stack.Log.Lines.Any(line => line.Contains(words, StringComparison.Ordinal)))
        {
            await Task.Yield();
        }
    }

    private void Pass(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task SendToTheDeadAsync(Stack stack, Socket client)
    {
        var before = stack.Session.Counters.ClientToNode.DataMessages;
        await client.SendAsync("dead"u8.ToArray());
        await UntilSentAsync(stack, before);
    }

    private static async Task UntilSentAsync(Stack stack, long before)
    {
        while (stack.Session.Counters.ClientToNode.DataMessages == before)
        {
            await Task.Yield();
        }
    }

    private static async Task EchoAsync(Socket client)
    {
        await client.SendAsync("echo"u8.ToArray());
        Assert.Equal("echo"u8.ToArray(), await Bytes.ReceiveAsync(client, 4));
    }
}
