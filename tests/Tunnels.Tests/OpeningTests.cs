using System.Net;
using System.Net.Sockets;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>What keeps a tunnel from opening is said at once, with a code; nothing is left behind.</summary>
public sealed class OpeningTests
{
    public static TheoryData<string, TunnelErrorCode> ServiceErrors =>
        new()
        {
            { "TargetNotConnected", TunnelErrorCode.TargetNotConnected },
            { "AccessDeniedException", TunnelErrorCode.AccessDenied },
            { "InvalidDocument", TunnelErrorCode.InvalidDocument },
            { "ExpiredTokenException", TunnelErrorCode.CredentialsExpired },
            { "UnrecognizedClientException", TunnelErrorCode.CredentialsInvalid },
            { "InternalServerError", TunnelErrorCode.ServiceFault },
        };

    [Theory]
    [MemberData(nameof(ServiceErrors))]
    public async Task OpenNow_StartSessionFails_SaysWhyAndReleasesThePort(string awsCode, TunnelErrorCode expected)
    {
        await using var stack = await Stack.StartAsync();
        stack.Emulator.ApiFaults.Fail("StartSession", awsCode, times: 10, statusCode: awsCode == "InternalServerError" ? 500 : 400);

        var failure = await Assert.ThrowsAsync<TunnelException>(() => stack.OpenAsync(5432));

        Assert.Equal(expected, failure.Code);
        Assert.Empty(stack.Tunnels.List());
        Assert.Empty(stack.Emulator.Sessions);
    }

    [Fact]
    public async Task OpenNow_AnswerOfStartSessionLost_IsAnErrorAndNotASecondSession()
    {
        await using var stack = await Stack.StartAsync();
        stack.Emulator.ApiFaults.LoseAnswer("StartSession", times: 10);

        var failure = await Assert.ThrowsAsync<TunnelException>(() => stack.OpenAsync(5432));

        Assert.Equal(TunnelErrorCode.ServiceUnreachable, failure.Code);
        // The one that the lost answer belonged to: nobody knows its id but the service, which ends it when it has been idle.
        Assert.Single(stack.Emulator.Sessions).Faults.EndSession();
    }

    [Fact]
    public async Task OpenNow_WrongSecret_SaysThatTheCredentialsAreInvalid()
    {
        await using var stack = await Stack.StartAsync(
            environment: new Dictionary<string, string?> { ["AWS_SECRET_ACCESS_KEY"] = "not-the-secret" }
        );

        var failure = await Assert.ThrowsAsync<TunnelException>(() => stack.OpenAsync(5432));

        Assert.Equal(TunnelErrorCode.CredentialsInvalid, failure.Code);
        Assert.DoesNotContain(stack.Log.Lines, line => line.Contains("not-the-secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FirstConnection_CredentialsExpired_WaitsUntilTheyWorkAgain()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port, openNow: false);
        stack.Emulator.ApiFaults.Fail("StartSession", "ExpiredTokenException", times: 1, statusCode: 400);

        using var waiting = await Stack.ConnectAsync(tunnel.LocalPort);
        await waiting.SendAsync(new byte[1]);
        var info = await stack.WhenAsync(info => info.State == TunnelState.NeedsSignIn);
        Assert.Equal(TunnelErrorCode.CredentialsExpired, info.Fault?.Code);

        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync(new byte[1]);
        await Bytes.ReceiveAsync(client, 1);
        await Bytes.ReceiveAsync(waiting, 1);
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
    }

    [Fact]
    public async Task FirstConnection_SessionCannotBeStarted_FailsAtTheFirstTry()
    {
        using var never = new ManualResetEventSlim();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(5432, openNow: false);
        // The pool tells that its attempt is over before whoever waits for it knows how. Here that moment is long enough for any scheduler.
        stack.Tunnels.StateChanged += info => never.Wait(info.State == TunnelState.Listening ? 1000 : 0);
        stack.Emulator.ApiFaults.Fail("StartSession", "AccessDeniedException", times: 1, statusCode: 400);

        using var client = await Stack.ConnectAsync(tunnel.LocalPort);

        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(client, 1));
        Assert.Equal(TunnelErrorCode.AccessDenied, stack.Tunnel.Fault?.Code);
        Assert.Empty(stack.Emulator.Sessions);
    }

    [Fact]
    public async Task OpenAsync_LocalPortTaken_NamesThePortAndTheProcess()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var stack = await Stack.StartAsync();

        var failure = await Assert.ThrowsAsync<TunnelException>(() => stack.OpenAsync(5432, openNow: false, localPort: port));

        Assert.Equal(TunnelErrorCode.LocalPortInUse, failure.Code);
        Assert.Contains($"127.0.0.1:{port}", failure.Message, StringComparison.Ordinal);
        Assert.True(!OperatingSystem.IsLinux() || failure.Message.Contains($"(process {Environment.ProcessId})", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OpenAsync_AnyLocalPort_IsNoneThatTheSystemGivesToConnections()
    {
        await using var stack = await Stack.StartAsync();

        var tunnel = await stack.OpenAsync(5432, openNow: false);

        Assert.InRange(tunnel.LocalPort, 20_000, 32_767);
    }

    [Theory]
    [InlineData("", 5432, 0, 4)]
    [InlineData("i-1", 0, 0, 4)]
    [InlineData("i-1", 65536, 0, 4)]
    [InlineData("i-1", 5432, -1, 4)]
    [InlineData("i-1", 5432, 0, 0)]
    [InlineData("i-1", 5432, 0, 17)]
    public async Task OpenAsync_RequestMakesNoSense_IsRefused(string target, int port, int localPort, int maxSessions)
    {
        await using var stack = await Stack.StartAsync();
        var request = new TunnelRequest
        {
            Target = target,
            Port = port,
            LocalPort = localPort,
            MaxSessions = maxSessions,
        };

        var failure = await Assert.ThrowsAsync<TunnelException>(() => stack.Tunnels.OpenAsync(request, CancellationToken.None));

        Assert.Equal(TunnelErrorCode.InvalidRequest, failure.Code);
    }

    [Fact]
    public async Task OpenNow_Cancelled_EndsWhatWasBegun()
    {
        await using var stack = await Stack.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions { Unpaced = true },
                OnSessionStarting = session => session.Faults.RefuseUpgrade(times: 1000),
            }
        );
        using var cancellation = new CancellationTokenSource();
        stack.Tunnels.StateChanged += info =>
        {
            if (info.State == TunnelState.Opening)
            {
                cancellation.Cancel();
            }
        };

        await Assert.ThrowsAnyAsync<Exception>(() =>
            stack.Tunnels.OpenAsync(
                new TunnelRequest
                {
                    Target = Stack.Target,
                    Host = Stack.TargetHost,
                    Port = 5432,
                    OpenNow = true,
                },
                cancellation.Token
            )
        );

        Assert.Empty(stack.Tunnels.List());
    }

    [Fact]
    public async Task CloseAsync_OpenTunnel_ResetsItsConnectionsEndsItsSessionAndReleasesItsPort()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync(new byte[1]);
        await Bytes.ReceiveAsync(client, 1);

        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);

        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(client, 1));
        await Assert.ThrowsAsync<SocketException>(() => Stack.ConnectAsync(tunnel.LocalPort));
        Assert.NotNull(stack.Session.EndedWith);
        Assert.Equal(TunnelState.Closed, (await stack.WhenAsync(info => info.State == TunnelState.Closed)).State);
        var failure = await Assert.ThrowsAsync<TunnelException>(() => stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None));
        Assert.Equal(TunnelErrorCode.NotFound, failure.Code);
    }

    [Fact]
    public async Task DisposeAsync_WhileASessionIsBeingStarted_LeavesNone()
    {
        var starting = new TaskCompletionSource();
        await using var stack = await Stack.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions { Unpaced = true },
                OnSessionStarting = _ => starting.SetResult(),
            }
        );
        await using var server = TargetServer.Echo();
        var opening = stack.OpenAsync(server.Port);
        await starting.Task;

        await stack.Tunnels.DisposeAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => opening);
        Assert.All(stack.Emulator.Sessions, session => Assert.NotNull(session.EndedWith));
    }
}
