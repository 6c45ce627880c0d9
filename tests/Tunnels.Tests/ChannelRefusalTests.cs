using System.Net.Sockets;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>A service that does not let a channel be opened, or stay open, is quoted at once, with what to do.</summary>
public sealed class ChannelRefusalTests
{
    [Fact]
    public async Task Open_ClientBelowTheMinimum_SaysSoAtOnceAndEndsTheSession()
    {
        await using var stack = await StartAsync(minimum: "1.2.900.0");

        var e = await Assert.ThrowsAsync<TunnelException>(() => stack.OpenAsync(9));

        Assert.Equal(TunnelErrorCode.ChannelRefused, e.Code);
        Assert.Contains("because of the client version that RDS Tunnel reports, 1.2.896.0", e.Message, StringComparison.Ordinal);
        Assert.Contains("\"Client version is below 1.2.900.0\"", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("Update RDS Tunnel.", e.Message, StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(stack.Emulator.Sessions).EndedWith);
    }

    [Theory]
    [InlineData(1008, "Invalid token", 2, TunnelErrorCode.ChannelRefused)]
    [InlineData(1003, "", 2, TunnelErrorCode.ChannelRefused)]
    [InlineData(1011, "", 3, TunnelErrorCode.DataChannelUnreachable)]
    [InlineData(1001, "", 3, TunnelErrorCode.DataChannelUnreachable)]
    public async Task Open_ClosedEachTime_FailsAfterAFewTokens(int code, string reason, int websockets, TunnelErrorCode expected)
    {
        var closed = 100;
        await using var stack = await StartAsync(onStarting: session => session.Faults.RefuseOpening(closed, code, reason));

        var e = await Assert.ThrowsAsync<TunnelException>(() => stack.OpenAsync(9));

        Assert.Equal(expected, e.Code);
        Assert.Contains($"(code {code}, ", e.Message, StringComparison.Ordinal);
        Assert.Equal(
            websockets,
            stack.Log.Lines.Count(line => line.Contains($"Data channel refused: Fault {code}", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData(1008, "Invalid token", 1)]
    [InlineData(1012, "", 2)]
    public async Task Open_ClosedAtFirst_OpensWithTheNextToken(int code, string reason, int times)
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(onStarting: session => session.Faults.RefuseOpening(times, code, reason));

        var tunnel = await stack.OpenAsync(server.Port);

        Assert.Equal(TunnelState.Open, tunnel.State);
        Assert.Single(stack.Emulator.Sessions);
    }

    [Theory]
    [InlineData(503, 1, null)]
    [InlineData(429, 2, null)]
    [InlineData(404, 1, null)]
    [InlineData(503, 9, TunnelErrorCode.DataChannelUnreachable)]
    [InlineData(400, 9, TunnelErrorCode.ChannelRefused)]
    [InlineData(426, 9, TunnelErrorCode.ChannelRefused)]
    [InlineData(401, 9, TunnelErrorCode.ChannelDenied)]
    [InlineData(403, 9, TunnelErrorCode.ChannelDenied)]
    public async Task Open_UpgradeRefused_IsTriedAgainWhereThatMayHelp(int status, int times, TunnelErrorCode? expected)
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(onStarting: session => session.Faults.RefuseUpgrade(times, status));

        if (expected is null)
        {
            Assert.Equal(TunnelState.Open, (await stack.OpenAsync(server.Port)).State);
        }
        else
        {
            Assert.Equal(expected, (await Assert.ThrowsAsync<TunnelException>(() => stack.OpenAsync(server.Port))).Code);
        }
    }

    [Fact]
    public async Task Reconnect_TheMinimumWasRaised_ResetsConnectionsAndSaysWhyToTheNext()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using var connection = await Stack.ConnectAsync(tunnel.LocalPort);
        await Bytes.SendAllAsync(connection, "x"u8.ToArray());
        await Bytes.ReceiveAsync(connection, 1);

        stack.Emulator.Channel = stack.Emulator.Channel with { MinimumClientVersion = "1.2.900.0" };
        stack.Session.Faults.CutClient();

        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(connection, 1));
        using var next = await Stack.ConnectAsync(tunnel.LocalPort);
        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(next, 1));
        Assert.Equal(TunnelErrorCode.ChannelRefused, stack.Tunnel.Fault?.Code);
    }

    // What fails is told to those who wait; that must not be what makes it be tried again.
    [Fact]
    public async Task Reconnect_Fails_EachConnectionThatWaitsMakesOneAttempt()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(time: new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
        var tunnel = await stack.OpenAsync(server.Port);
        stack.Session.Faults.RefuseResume(times: 200, code: "InternalServerError", statusCode: 500);
        stack.Session.Faults.CutClient();
        int Attempts() => stack.Log.Lines.Count(line => line.Contains("No link; next attempt", StringComparison.Ordinal));
        var connections = new List<Socket>();
        for (var waiting = 0; waiting < 4; waiting++)
        {
            await stack.UntilAsync(_ => Attempts() > waiting);
            connections.Add(await Stack.ConnectAsync(tunnel.LocalPort));
        }

        await stack.UntilAsync(_ => Attempts() > 4);
        Assert.Equal(5, Attempts());
        connections.ForEach(connection => connection.Dispose());
        stack.Session.Faults.EndSession();
    }

    private static Task<Stack> StartAsync(string? minimum = null, Action<EmulatedSession>? onStarting = null, TimeProvider? time = null) =>
        Stack.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions { Unpaced = true },
                Channel = new() { MinimumClientVersion = minimum },
                OnSessionStarting = onStarting,
            },
            tunnelTime: time
        );
}
