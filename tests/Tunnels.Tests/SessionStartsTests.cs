using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>A tool that connects again at once, and again, does not make its tunnels hammer AWS.</summary>
public sealed class SessionStartsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Connect_ServiceFails_TunnelsOfAProfileShareTheWait()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var first = await stack.OpenAsync(server.Port, openNow: false);
        var second = await stack.OpenAsync(server.Port, openNow: false);
        stack.Emulator.ApiFaults.Fail("StartSession", "InternalServerError", times: 1, statusCode: 500);
        using var refused = await Stack.ConnectAsync(first.LocalPort);
        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(refused, 1));

        using var waits = await Stack.ConnectAsync(second.LocalPort);
        await UntilPutOffAsync(stack, 1);
        Assert.Empty(stack.Emulator.Sessions);
        _time.Advance(TimeSpan.FromMilliseconds(250));

        await waits.SendAsync("echo"u8.ToArray());
        Assert.Equal("echo"u8.ToArray(), await Bytes.ReceiveAsync(waits, 4));
        // A success ends the wait, for the other tunnel too.
        using var next = await Stack.ConnectAsync(first.LocalPort);
        await next.SendAsync("echo"u8.ToArray());
        Assert.Equal("echo"u8.ToArray(), await Bytes.ReceiveAsync(next, 4));
    }

    [Fact]
    public async Task Connect_ThrottledAgainAndAgain_WaitsFiveSecondsAndTellsTheOthers()
    {
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var first = await stack.OpenAsync(5432, openNow: false);
        var second = await stack.OpenAsync(5432, openNow: false);
        // Each call is repeated four times.
        stack.Emulator.ApiFaults.Fail("StartSession", "ThrottlingException", times: 10, statusCode: 400);
        using var refused = await Stack.ConnectAsync(first.LocalPort);
        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(refused, 1));

        using var one = await Stack.ConnectAsync(first.LocalPort);
        using var other = await Stack.ConnectAsync(second.LocalPort);
        await UntilPutOffAsync(stack, 1);
        while (!stack.Tunnels.List().All(tunnel => tunnel.State == TunnelState.Opening))
        {
            await Task.Yield();
        }

        Assert.Contains(stack.Log.Lines, line => line.Contains("waits 5.0 s", StringComparison.Ordinal));
        _time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(one, 1));
        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(other, 1));
        Assert.Equal(10, Refusals(stack));
        Assert.Empty(stack.Emulator.Sessions);
        Assert.All(stack.Tunnels.List(), tunnel => Assert.Equal(TunnelErrorCode.Throttled, tunnel.Fault?.Code));
    }

    [Fact]
    public async Task Connect_JumpHostIsNotConnected_OnlyItsOwnTunnelsWait()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var tunnel = await stack.OpenAsync(server.Port, openNow: false);
        var elsewhere = await stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = "i-0fedcba9876543210",
                Host = Stack.TargetHost,
                Port = server.Port,
            },
            CancellationToken.None
        );
        stack.Emulator.ApiFaults.Fail("StartSession", "TargetNotConnected", times: 1, statusCode: 400);
        using var refused = await Stack.ConnectAsync(elsewhere.LocalPort);
        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(refused, 1));

        using var waits = await Stack.ConnectAsync(elsewhere.LocalPort);
        await UntilPutOffAsync(stack, 1);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync("echo"u8.ToArray());

        Assert.Equal("echo"u8.ToArray(), await Bytes.ReceiveAsync(client, 4));
    }

    [Fact]
    public async Task Connect_NoJumpHostIsThere_TunnelsToTheDatabaseShareTheSearch()
    {
        await using var server = TargetServer.Echo();
        var targets = new FakeTargets(Stack.Target)
        {
            Failure = new TunnelException(TunnelErrorCode.NoJumpHost, "The only one is being restarted."),
        };
        await using var stack = await Stack.StartAsync(tunnelTime: _time, targets: targets);
        var request = new TunnelRequest { Host = Stack.TargetHost, Port = server.Port };
        var first = await stack.Tunnels.OpenAsync(request, CancellationToken.None);
        var second = await stack.Tunnels.OpenAsync(request, CancellationToken.None);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var refused = await Stack.ConnectAsync(first.LocalPort);
            await Bytes.ReceiveAsync(refused, 1);
        });

        using var one = await Stack.ConnectAsync(first.LocalPort);
        await UntilPutOffAsync(stack, 1);
        using var other = await Stack.ConnectAsync(second.LocalPort);
        await one.SendAsync("echo"u8.ToArray());
        await other.SendAsync("echo"u8.ToArray());
        Assert.Single(targets.Events); // however often tools connect
        targets.Failure = null;
        _time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal("echo"u8.ToArray(), await Bytes.ReceiveAsync(one, 4));
        Assert.Equal("echo"u8.ToArray(), await Bytes.ReceiveAsync(other, 4));
    }

    private static int Refusals(Stack stack) =>
        stack.Log.Lines.Count(line => line.Contains("StartSession refused", StringComparison.Ordinal));

    private static async Task UntilPutOffAsync(Stack stack, int times)
    {
        while (stack.Log.Lines.Count(line => line.Contains("because earlier ones failed", StringComparison.Ordinal)) < times)
        {
            await Task.Yield();
        }
    }
}
