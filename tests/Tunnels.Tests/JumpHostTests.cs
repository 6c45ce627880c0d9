using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.World;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>The jump host of a tunnel that names none: asked for, waited for, replaced when it does not lead there.</summary>
public sealed class JumpHostTests
{
    private const string Host = "orders.abc.eu-central-1.rds.amazonaws.com";
    private const string Blocked = "i-0a";
    private const string AlsoBlocked = "i-0b";
    private const string Good = "i-0c";
    private const string Offline = "i-0d";

    [Fact]
    public async Task FirstConnection_TheOnlyJumpHostDoesNotLeadThere_PromisesNoOther()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(server, new FakeTargets(Blocked));

        var fault = await FailAsync(stack, await OpenAsync(stack));

        Assert.EndsWith(
            "No other suitable jump host was found. If you know one, choose it (target).",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task FirstConnection_JumpHostDoesNotLeadThere_TheNextConnectionGetsTheNextOne()
    {
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets(Blocked, AlsoBlocked, Good);
        await using var stack = await StartAsync(server, targets);
        var tunnel = await OpenAsync(stack);

        var fault = await FailAsync(stack, tunnel);
        Assert.Contains($"The jump host {Blocked} could not connect to {Host}:5432", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "The next connection tries another jump host. You can also choose one (target).",
            fault.Message,
            StringComparison.Ordinal
        );
        fault = await FailAsync(stack, tunnel);
        Assert.Contains($"({Blocked}, {AlsoBlocked})", fault.Message, StringComparison.Ordinal);
        Assert.Contains("choose one (target)", fault.Message, StringComparison.Ordinal);
        await EchoAsync(tunnel);
        await EchoAsync(tunnel);

        Assert.Equal([Blocked, AlsoBlocked, Good], stack.Emulator.Sessions.Select(session => session.Instance.InstanceId));
        Assert.Equal(Good, stack.Tunnel.JumpHost?.Target);
        Assert.Equal(($"name of {Good}", "same VPC"), (stack.Tunnel.JumpHost?.Name, Assert.Single(stack.Tunnel.JumpHost?.Reasons ?? [])));
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
        Assert.Equal(
            [
                $"selected {Blocked}",
                $"failed {Blocked} NoDatabase",
                $"selected {AlsoBlocked}",
                $"failed {AlsoBlocked} NoDatabase",
                $"selected {Good}",
                $"reached {Good}",
            ],
            targets.Events
        );
    }

    [Fact]
    public async Task Connection_DatabaseGoesDownThatHasAnswered_NoOtherJumpHostIsTried()
    {
        var targets = new FakeTargets(Good, Blocked);
        var server = TargetServer.Echo();
        await using var stack = await StartAsync(server, targets);
        var tunnel = await OpenAsync(stack);
        await EchoAsync(tunnel);
        await server.DisposeAsync();

        for (var i = 0; i < 5; i++)
        {
            Assert.Contains(Good, (await FailAsync(stack, tunnel)).Message, StringComparison.Ordinal);
        }

        Assert.Single(stack.Emulator.Sessions);
        Assert.DoesNotContain(targets.Events, each => each.StartsWith("failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connections_AllAtOnceThroughTheWrongJumpHost_OpenNoMoreThanOneSessionEach()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(server, new FakeTargets(Blocked, Good));
        var tunnel = await OpenAsync(stack);
        var sockets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Stack.ConnectAsync(tunnel.LocalPort)));
        await stack.UntilAsync(info => info.State == TunnelState.Faulted);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => EchoAsync(tunnel)));
        Array.ForEach(sockets, socket => socket.Dispose());
        Assert.Equal([Blocked, Good], stack.Emulator.Sessions.Select(session => session.Instance.InstanceId));
    }

    [Fact]
    public async Task Connection_NamedJumpHostDoesNotLeadThere_IsNeverReplaced()
    {
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets(Good);
        await using var stack = await StartAsync(server, targets);
        var tunnel = await OpenAsync(stack, Blocked);
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains(Blocked, (await FailAsync(stack, tunnel)).Message, StringComparison.Ordinal);
        }

        Assert.Empty(targets.Events);
        Assert.Equal(Blocked, Assert.Single(stack.Emulator.Sessions).Instance.InstanceId);
    }

    [Fact]
    public async Task FirstConnection_JumpHostIsNotConnected_TheNextOneServesTheSameConnection()
    {
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets(Offline, Good);
        await using var stack = await StartAsync(server, targets);
        var tunnel = await OpenAsync(stack);
        await EchoAsync(tunnel);
        Assert.Equal([$"selected {Offline}", $"failed {Offline} NoSession", $"selected {Good}", $"reached {Good}"], targets.Events);
    }

    [Fact]
    public async Task FirstConnection_NoJumpHostIsConnected_EndsWithTheFirstFailure()
    {
        var targets = new FakeTargets(Offline);
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(server, targets);
        var tunnel = await OpenAsync(stack);
        await FailAsync(tunnel);
        var info = await stack.WhenAsync(info => info.State == TunnelState.Faulted);
        Assert.Equal(TunnelErrorCode.TargetNotConnected, info.Fault?.Code);
        Assert.Equal(2, targets.Events.Count(each => each == $"selected {Offline}"));
    }

    [Fact]
    public async Task FirstConnection_ManyAreNotConnected_ThreeAreTried()
    {
        var targets = new FakeTargets("i-1", "i-2", "i-3", "i-4", Good);
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(server, targets);
        var tunnel = await OpenAsync(stack);
        await FailAsync(tunnel);
        Assert.Equal(
            ["i-1", "i-2", "i-3"],
            targets.Events.Where(each => each.StartsWith("selected", StringComparison.Ordinal)).Select(each => each["selected ".Length..])
        );
    }

    [Fact]
    public async Task Connection_GetsNoAnswer_TheNextConnectionGetsTheNextJumpHost()
    {
        // What a security group that drops packets looks like: the agent says nothing for minutes.
        var time = new FakeTimeProvider();
        var asked = new SemaphoreSlim(0);
        await using var silent = new TargetServer(async socket =>
        {
            await socket.ReceiveAsync(new byte[1]);
            asked.Release();
            await socket.ReceiveAsync(new byte[1]);
        });
        var targets = new FakeTargets(Good, "i-0e");
        await using var stack = await StartAsync(silent, targets, time);
        var tunnel = await OpenAsync(stack);
        using (var hasty = await Stack.ConnectAsync(tunnel.LocalPort))
        {
            await hasty.SendAsync(new byte[1]);
            await asked.WaitAsync();
        }

        await UntilAsync(stack, time, info => info.Statistics.ConnectionsNow == 0);
        Assert.DoesNotContain(targets.Events, each => each.StartsWith("failed", StringComparison.Ordinal));
        using (var client = await Stack.ConnectAsync(tunnel.LocalPort))
        {
            await client.SendAsync(new byte[1]);
            await asked.WaitAsync();
            time.Advance(TimeSpan.FromSeconds(4));
        }

        var info = await UntilAsync(stack, time, info => info.State == TunnelState.Faulted);
        Assert.Contains($"The jump host {Good} got no response from", info.Fault!.Message, StringComparison.Ordinal);
        using var next = await Stack.ConnectAsync(tunnel.LocalPort);
        await next.SendAsync(new byte[1]);
        await asked.WaitAsync();
        Assert.Equal([$"selected {Good}", $"failed {Good} NoDatabase", "selected i-0e"], targets.Events);
    }

    [Fact]
    public async Task FirstConnection_NoneIsKnown_WaitsForTheChoiceAndGoesOn()
    {
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets();
        await using var stack = await StartAsync(server, targets);
        var tunnel = await OpenAsync(stack);
        var waiting = Enumerable.Range(0, 4).Select(_ => EchoAsync(tunnel)).ToList();
        var info = await stack.WhenAsync(info => info.State == TunnelState.NeedsJumpHost);
        Assert.Equal(TunnelErrorCode.JumpHostChoiceNeeded, info.Fault?.Code);
        Assert.Empty(stack.Emulator.Sessions);

        targets.Choose(Good);

        await Task.WhenAll(waiting);
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
        Assert.All(stack.Emulator.Sessions, session => Assert.Equal(Good, session.Instance.InstanceId));
    }

    [Fact]
    public async Task FirstConnection_NobodyChooses_EndsAfterFiveMinutes()
    {
        var time = new FakeTimeProvider();
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets();
        await using var stack = await StartAsync(server, targets, time);
        var tunnel = await OpenAsync(stack);
        var failing = FailAsync(tunnel);
        await stack.WhenAsync(info => info.State == TunnelState.NeedsJumpHost);
        var looks = 0;
        while (!failing.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            looks++;
            await Task.Yield();
        }

        await failing;
        Assert.True(looks >= 300);
        // It has looked now and then in between: not at each second.
        Assert.InRange(targets.Events.Count, 2, 12);
        Assert.Equal(TunnelState.NeedsJumpHost, stack.Tunnel.State);
    }

    [Fact]
    public async Task OpenNow_NoneIsKnown_FailsAtOnceAndLeavesNothing()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(server, new FakeTargets());
        var failure = await Assert.ThrowsAsync<TunnelException>(() =>
            stack.Tunnels.OpenAsync(Request() with { OpenNow = true }, CancellationToken.None)
        );
        Assert.Equal(TunnelErrorCode.JumpHostChoiceNeeded, failure.Code);
        Assert.Empty(stack.Tunnels.List());
    }

    [Fact]
    public async Task WarmUp_ChosenElsewhereWhileConnectionsWait_LetsThemGoOnAtOnce()
    {
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets();
        // It stands still: nobody looks for a choice by the clock.
        await using var stack = await StartAsync(server, targets, new FakeTimeProvider());
        var tunnel = await OpenAsync(stack);
        var waiting = Enumerable.Range(0, 3).Select(_ => EchoAsync(tunnel)).ToList();
        await stack.WhenAsync(info => info.State == TunnelState.NeedsJumpHost);
        targets.ChooseElsewhere(Good);

        await stack.Tunnels.WarmUpAsync(tunnel.Id, CancellationToken.None);

        await Task.WhenAll(waiting);
        Assert.Null(stack.Tunnel.Fault);
    }

    [Fact]
    public async Task Connection_WaitsForAChoiceAndTheSessionThatWasLostIsBack_UsesThatOne()
    {
        var time = new FakeTimeProvider();
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets(Good);
        await using var stack = await StartAsync(server, targets, time);
        var tunnel = await OpenAsync(stack);
        using var transfer = await Stack.ConnectAsync(tunnel.LocalPort);
        await Bytes.SendAllAsync(transfer, new byte[200_000]);
        await Bytes.ReceiveAsync(transfer, 200_000);

        // Another session is wanted, and nobody can say through which jump host.
        var answering = new TaskCompletionSource();
        targets.Answering = answering.Task;
        time.Advance(TimeSpan.FromSeconds(1));
        stack.Session.Faults.RefuseResume(times: 1_000, "InternalServerError", 500);
        stack.Session.Faults.CutClient();
        await AttemptsAsync(1); // from now on its time stands still
        var waiting = EchoAsync(tunnel);
        await AttemptsAsync(2); // it has hurried the session that was lost, and waits for the other one
        targets.ForgetAll();
        answering.SetResult();
        await stack.WhenAsync(info => info.State == TunnelState.NeedsJumpHost);

        stack.Session.Faults.RefuseResume(times: 0);
        // Small, so that a machine that stalls for seconds is no long wait.
        var step = TimeSpan.FromMilliseconds(4);
        var passed = TimeSpan.Zero;
        for (; !waiting.IsCompleted; passed += step)
        {
            time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        await waiting;
        Assert.True(passed < TimeSpan.FromSeconds(20), $"It waited for {passed}.");
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
        Assert.Null(stack.Tunnel.Fault);
        Assert.Equal(1, stack.Tunnel.Statistics.SessionsTotal);

        async Task AttemptsAsync(int count)
        {
            while (stack.Log.Lines.Count(line => line.Contains("No link; next attempt", StringComparison.Ordinal)) < count)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }
        }
    }

    [Fact]
    public async Task WarmUp_NoneIsKnown_ListensAgainOnceOneIsChosen()
    {
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets();
        await using var stack = await StartAsync(server, targets);
        var tunnel = await OpenAsync(stack);
        await Assert.ThrowsAsync<TunnelException>(() => stack.Tunnels.WarmUpAsync(tunnel.Id, CancellationToken.None));
        Assert.Equal(TunnelState.NeedsJumpHost, stack.Tunnel.State);
        targets.Choose(Good);
        Assert.Equal(TunnelState.Listening, stack.Tunnel.State);
        await EchoAsync(tunnel);
    }

    [Fact]
    public async Task StartSession_DeniedOnOneJumpHost_TheNextOneIsTried()
    {
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets(Blocked, Good);
        await using var stack = await StartAsync(server, targets);
        stack.Emulator.ApiFaults.Fail("StartSession", "AccessDeniedException", times: 1, statusCode: 400);
        await EchoAsync(await OpenAsync(stack));
        Assert.Equal(Good, Assert.Single(stack.Emulator.Sessions).Instance.InstanceId);
    }

    private static TunnelRequest Request() => new() { Host = Host, Port = 5432 };

    private static Task<TunnelInfo> OpenAsync(Stack stack, string? target = null) =>
        stack.Tunnels.OpenAsync(Request() with { Target = target }, CancellationToken.None);

    private static Task<Stack> StartAsync(TargetServer server, FakeTargets targets, TimeProvider? time = null) =>
        Stack.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions { Unpaced = true, Resolve = (_, _) => ("127.0.0.1", server.Port) },
                EnforcesNetwork = true,
                Instances =
                [
                    new(Blocked) { SecurityGroupIds = ["sg-0other"] },
                    new(AlsoBlocked) { VpcId = "vpc-0z" },
                    new(Good),
                    new("i-0e"),
                    new(Offline, IsOnline: false),
                ],
                Regions =
                [
                    EmulatedRegion.Empty("eu-central-1") with
                    {
                        Databases = [new("orders", "postgres", "16.4", Host, 5432, "vpc-0a", ["sg-0db"])],
                        SecurityGroups = [new("sg-0db", "vpc-0a", [new(5432, 5432, ["sg-0jump"], [], [])])],
                    },
                ],
            },
            targets: targets,
            tunnelTime: time
        );

    private static async Task EchoAsync(TunnelInfo tunnel)
    {
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync(new byte[] { 7 });
        Assert.Equal([7], await Bytes.ReceiveAsync(client, 1));
    }

    /// <summary>A connection of which nothing becomes.</summary>
    private static async Task FailAsync(TunnelInfo tunnel)
    {
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        try
        {
            await client.SendAsync(new byte[1]);
            Assert.Equal(0, await client.ReceiveAsync(new byte[1]));
        }
        catch (SocketException)
        {
            // A reset is as good an end.
        }
    }

    private static async Task<TunnelFault> FailAsync(Stack stack, TunnelInfo tunnel)
    {
        await FailAsync(tunnel);
        await stack.UntilAsync(info => info.State == TunnelState.Faulted);
        Assert.Equal(TunnelErrorCode.TargetUnreachable, stack.Tunnel.Fault?.Code);
        return stack.Tunnel.Fault!;
    }

    // The end of a client is looked for at intervals of the tunnel's time.
    private static async Task<TunnelInfo> UntilAsync(Stack stack, FakeTimeProvider time, Func<TunnelInfo, bool> condition)
    {
        while (!condition(stack.Tunnel))
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        return stack.Tunnel;
    }
}
