using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>A session that cannot be ended because AWS is out of reach is ended later, not left to its idle timeout.</summary>
public sealed class SessionEndsTests
{
    /// <summary>A call that fails is made three times.</summary>
    private const int CallsPerAttempt = 3;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task CloseAsync_ServiceIsOutOfReach_EndsTheSessionWhenItIsBack()
    {
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var session = await CloseWithoutAnEndAsync(stack, failures: 3);
        Assert.Null(session.EndedWith);

        while (session.EndedWith is null)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    [Fact]
    public async Task DisposeAsync_ASessionIsStillToBeEnded_TriesOnceMoreWithoutWaiting()
    {
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var session = await CloseWithoutAnEndAsync(stack, failures: 1);
        Assert.Null(session.EndedWith);

        await stack.Tunnels.DisposeAsync();

        Assert.NotNull(session.EndedWith);
    }

    [Fact]
    public async Task CloseAsync_EndIsNotPermitted_IsNotTriedAgain()
    {
        await using var stack = await Stack.StartAsync(tunnelTime: _time);
        var session = await CloseWithoutAnEndAsync(stack, failures: 1, code: "AccessDeniedException", statusCode: 400, calls: 1);

        await stack.Tunnels.DisposeAsync();

        Assert.Null(session.EndedWith);
        session.Faults.EndSession();
    }

    // The node cannot be told either, since there is no link.
    private static async Task<EmulatedSession> CloseWithoutAnEndAsync(
        Stack stack,
        int failures,
        string code = "InternalServerError",
        int statusCode = 500,
        int calls = CallsPerAttempt
    )
    {
        var tunnel = await stack.OpenAsync(5432);
        var session = stack.Session;
        stack.Emulator.ApiFaults.Fail("ResumeSession", "InternalServerError", times: 1_000, statusCode: 500);
        stack.Emulator.ApiFaults.Fail("TerminateSession", code, failures * calls, statusCode);
        session.Faults.CutClient();
        await stack.UntilAsync(info => info.State == TunnelState.Reconnecting);
        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);
        return session;
    }
}
