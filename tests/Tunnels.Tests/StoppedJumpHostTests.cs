using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Ec2;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using RdsTunnel.Tunnels.JumpHosts;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>A jump host that is stopped: started for a connection, and stopped again when nobody needs it.</summary>
public sealed class StoppedJumpHostTests
{
    private const string Lease = JumpHostLease.TagKey;

    private static readonly string Me = $"{CurrentUser.Name}@{Environment.MachineName}";

    [Fact]
    public async Task FirstConnection_MayStartIt_WaitsForItsAgentAndStopsItAfterTheGrace()
    {
        await using var server = TargetServer.Echo();
        var time = new WaitedForTime();
        await using var stack = await StartAsync(time);
        var tunnel = await OpenAsync(stack, server);
        var answer = EchoAsync(tunnel);

        var starting = await stack.WhenAsync(info => info.State == TunnelState.StartingJumpHost);
        Assert.Equal($"Jump host {Stack.Target}: starting (0 s)", starting.Progress);
        await time.PassAsync(JumpHostStart.LookInterval);
        await answer;
        Assert.Equal((TunnelState.Open, null), (stack.Tunnel.State, stack.Tunnel.Progress));
        Assert.Matches("^[!-~]+ from=[0-9TZ:-]+ until=[0-9TZ:-]+$", Instance(stack).Tags[Lease]);

        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);
        await PassUntilStoppedAsync(stack, time);
    }

    [Fact]
    public async Task FirstConnection_MayNotStartIt_SaysWhatToDo()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync();
        var failure = await RefusedAsync(stack, server, mayStart: false);
        Assert.Equal(TunnelErrorCode.TargetNotConnected, failure.Code);
        Assert.Equal(
            $"The jump host {Stack.Target} is stopped. Start it, or let the tunnel start it when it is needed (startJumpHost, --start-jump-host).",
            failure.Message
        );
        Assert.Equal(InstancePower.Stopped, Instance(stack).State);
    }

    [Theory]
    [InlineData("ec2:StartInstances")]
    [InlineData("ec2:CreateTags")]
    [InlineData("ec2:DescribeInstances")]
    public async Task Start_Denied_NamesThePermissionAndStartsNothing(string action)
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(denied: [action]);
        var failure = await RefusedAsync(stack, server);
        Assert.Equal(TunnelErrorCode.AccessDenied, failure.Code);
        Assert.Contains($"can't call {action}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(InstancePower.Stopped, Instance(stack).State);
    }

    [Fact]
    public async Task Start_Throttled_SaysSo()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync();
        stack.Emulator.ApiFaults.Fail("StartInstances", "RequestLimitExceeded", times: 10, statusCode: 503);
        var failure = await RefusedAsync(stack, server);
        Assert.Equal(TunnelErrorCode.Throttled, failure.Code);
        Assert.Contains("ec2:StartInstances", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_SomebodyElseHasASession_WaitsForItsEnd()
    {
        await using var server = TargetServer.Echo();
        var time = new WaitedForTime();
        await using var stack = await StartAsync(time);
        var tunnel = await OpenStartedAsync(stack, server, time);
        await using var other = stack.OtherProcess();
        var theirs = await other.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = Stack.TargetHost,
                Port = server.Port,
                OpenNow = true,
            },
            CancellationToken.None
        );

        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);
        await time.PassUntilAsync(
            HostGuard.LookInterval,
            () => stack.Log.Lines.Any(line => line.Contains("keeps running: it has other sessions", StringComparison.Ordinal))
        );
        Assert.Equal(InstancePower.Running, Instance(stack).State);

        await other.CloseAsync(theirs.Id, CancellationToken.None);
        await time.PassUntilAsync(HostGuard.LookInterval, () => Instance(stack).State == InstancePower.Stopped);
    }

    [Fact]
    public async Task Stop_SomebodyStartedItForThemselves_LeavesItRunning()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync();
        stack.Emulator.SwitchInstance(Stack.Target, runs: true);
        await OpenAsync(stack, server, openNow: true);
        await stack.Tunnels.DisposeAsync();
        Assert.Equal(InstancePower.Running, Instance(stack).State);
    }

    [Fact]
    public async Task End_OfTheProcessThatStartedIt_StopsItAtOnce()
    {
        await using var server = TargetServer.Echo();
        var time = new WaitedForTime();
        await using var stack = await StartAsync(time);
        await OpenStartedAsync(stack, server, time);
        await stack.Tunnels.DisposeAsync();
        Assert.Equal(InstancePower.Stopped, Instance(stack).State);
    }

    [Theory]
    [InlineData(true, 0, InstancePower.Stopped)] // mine, and that process died
    [InlineData(false, -1, InstancePower.Stopped)] // anybody's that nobody renews
    [InlineData(false, 30, InstancePower.Running)] // theirs: they will
    public async Task Lease_OfAProcessThatDied_IsTakenOver(bool isMine, int minutesLeft, InstancePower expected)
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var power = stack.Service.Instances!;
        var lease = new JumpHostLease(isMine ? Me : "somebody@else", now, now.AddMinutes(minutesLeft));
        await power.TagAsync(Stack.Target, Lease, lease.ToString(), CancellationToken.None);
        Assert.True(await power.StartAsync(Stack.Target, CancellationToken.None));

        await OpenAsync(stack, server, openNow: true);
        await stack.Tunnels.DisposeAsync();
        Assert.Equal(expected, Instance(stack).State);
    }

    [Fact]
    public async Task Close_WhileItStarts_EndsTheWaitAndStopsItAfterTheGrace()
    {
        await using var server = TargetServer.Echo();
        var time = new WaitedForTime();
        await using var stack = await StartAsync(time);
        var tunnel = await OpenAsync(stack, server);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await stack.WhenAsync(info => info.State == TunnelState.StartingJumpHost);
        await UntilAsync(stack, InstancePower.Running);
        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);
        await PassUntilStoppedAsync(stack, time);
        Assert.Empty(stack.Emulator.Sessions);
    }

    [Theory]
    [InlineData("jane@laptop from=2026-11-29T08:00:00Z until=2026-11-29T08:30:00Z", true)]
    [InlineData("jane@laptop from=2026-11-29T08:00:00Z", false)]
    [InlineData("jane@laptop from=yesterday until=2026-11-29T08:30:00Z", false)]
    [InlineData("", false)]
    public void Parse_TagOfAnInstance_IsALeaseOrNone(string value, bool isOne) =>
        Assert.Equal(isOne ? value : null, JumpHostLease.Parse(value)?.ToString());

    [Fact]
    public void IsOf_AnotherRun_IsFalse()
    {
        var lease = JumpHostLease.Parse("jane@laptop from=2026-11-29T08:00:00Z until=2026-11-29T08:30:00Z")!;
        Assert.True(lease.IsOf(lease.From.AddSeconds(40)));
        Assert.False(lease.IsOf(lease.From.AddMinutes(20)));
        Assert.False(lease.IsOf(null));
    }

    private static Task<Stack> StartAsync(TimeProvider? time = null, IReadOnlyList<string>? denied = null) =>
        Stack.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions { Unpaced = true },
                Credentials = [EmulatedCredential.Default with { DeniedActions = denied }],
                Instances = [EmulatedInstance.Default with { IsStopped = true, PendingSeconds = 0, AgentSeconds = 0, StoppingSeconds = 0 }],
            },
            tunnelTime: time
        );

    private static Task<TunnelInfo> OpenAsync(Stack stack, TargetServer server, bool mayStart = true, bool openNow = false) =>
        stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = Stack.TargetHost,
                Port = server.Port,
                StartJumpHost = mayStart,
                OpenNow = openNow,
            },
            CancellationToken.None
        );

    private static Task<TunnelException> RefusedAsync(Stack stack, TargetServer server, bool mayStart = true) =>
        Assert.ThrowsAsync<TunnelException>(() => OpenAsync(stack, server, mayStart, openNow: true));

    private static async Task<TunnelInfo> OpenStartedAsync(Stack stack, TargetServer server, WaitedForTime time)
    {
        var opening = OpenAsync(stack, server, openNow: true);
        await time.PassAsync(JumpHostStart.LookInterval);
        return await opening;
    }

    private static async Task PassUntilStoppedAsync(Stack stack, WaitedForTime time)
    {
        var closed = time.GetTimestamp();
        await time.PassUntilAsync(
            HostGuard.LookInterval,
            () => stack.Log.Lines.Any(line => line.Contains($"Stopped the jump host {Stack.Target}", StringComparison.Ordinal))
        );
        Assert.Equal(InstancePower.Stopped, Instance(stack).State);
        Assert.InRange(time.GetElapsedTime(closed), HostGuard.Grace, HostGuard.Grace * 2);
    }

    private static InstanceDescription Instance(Stack stack) => stack.Emulator.DescribeInstance(Stack.Target);

    private static async Task UntilAsync(Stack stack, InstancePower state)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (Instance(stack).State != state)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Hang.Limit, $"It stays {Instance(stack).State}");
            await Task.Yield();
        }
    }

    private static async Task EchoAsync(TunnelInfo tunnel)
    {
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync(new byte[] { 7 });
        Assert.Equal(1, await client.ReceiveAsync(new byte[8]));
    }
}
