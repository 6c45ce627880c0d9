using System.Net.Sockets;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.NodeAccess;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using RdsTunnel.Tunnels.JumpHosts;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>A jump host that nobody may use without an approval: a tunnel that may asks for it, once, and waits.</summary>
public sealed class NodeAccessTests
{
    private const string Document = "AWS-StartPortForwardingSessionToRemoteHost";

    private static readonly EmulatedNodeAccess ForPorts = new() { Documents = [Document] };

    [Fact]
    public async Task Connect_DeniedThenApproved_WaitsAndGoesOn()
    {
        await using var server = TargetServer.Echo();
        var time = new WaitedForTime();
        await using var stack = await StartAsync(ForPorts, time);
        var tunnel = await OpenAsync(stack, server);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        var waiting = await stack.WhenAsync(info => info.State == TunnelState.NeedsApproval);

        var request = Assert.Single(stack.Emulator.AccessRequests);
        Assert.Equal((Stack.Target, $"look into {Stack.TargetHost}"), (request.InstanceId, request.Reason));
        Assert.Equal((TunnelErrorCode.AccessPending, request.Id), (waiting.Fault!.Code, waiting.AccessRequestId));
        Assert.Contains(
            $"Access to {Stack.Target} waits for approval (request {request.Id}).",
            waiting.Fault.Message,
            StringComparison.Ordinal
        );
        Assert.Empty(stack.Emulator.Sessions);

        stack.Emulator.Decide(request.Id, AccessStatus.Approved);
        await time.PassAsync(AccessRequest.FirstLook);
        await EchoAsync(client);
        await stack.UntilAsync(info => info is { State: TunnelState.Open, Fault: null });
        Assert.Equal((request.Id, request.Id), (stack.Session.AccessRequestId, stack.Tunnel.AccessRequestId));
    }

    [Fact]
    public async Task Open_ApprovedAtOnce_IsOpen()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts with { IsAutomatic = true });
        var tunnel = await OpenAsync(stack, server, openNow: true);
        Assert.Equal(TunnelState.Open, tunnel.State);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(client);
    }

    [Fact]
    public async Task Open_NobodyHasDecided_IsThereAndWaits()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts);
        var tunnel = await OpenAsync(stack, server, openNow: true);
        Assert.Equal(TunnelState.NeedsApproval, tunnel.State);
    }

    [Fact]
    public async Task Approval_WhenNoConnectionWaits_ClearsTheFault()
    {
        await using var server = TargetServer.Echo();
        var time = new WaitedForTime();
        await using var stack = await StartAsync(ForPorts, time);
        await OpenAsync(stack, server, openNow: true);
        stack.Emulator.Decide(Request(stack).Id, AccessStatus.Approved);
        await time.PassAsync(AccessRequest.FirstLook);
        await stack.UntilAsync(info => info is { State: TunnelState.Listening, Fault: null });
    }

    [Fact]
    public async Task Open_WithoutConsent_AsksNobodyAndSaysHow()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts);
        var failure = await RefusedAsync(stack, server, why: null);
        Assert.Equal(TunnelErrorCode.AccessDenied, failure.Code);
        Assert.Contains("the tunnel can request it (requestAccess)", failure.Message, StringComparison.Ordinal);
        Assert.Empty(stack.Emulator.AccessRequests);
    }

    [Theory]
    [InlineData(false, "Just-In-Time Node Access service is not enabled in this account")]
    [InlineData(true, "can't call ssm:StartAccessRequest")]
    public async Task Open_AccessCannotBeRequested_TellsOfTheDenialFirst(bool isPermissionMissing, string why)
    {
        await using var server = TargetServer.Echo();
        await using var stack = isPermissionMissing
            ? await StartAsync(ForPorts, denied: ["ssm:StartSession", "ssm:StartAccessRequest"])
            : await StartAsync(null);
        var failure = await RefusedAsync(stack, server);
        Assert.Equal(TunnelErrorCode.AccessDenied, failure.Code);
        Assert.StartsWith(
            "Access denied: the environment's credentials can't call ssm:StartSession",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("Access can't be requested either.", failure.Message, StringComparison.Ordinal);
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AccessStatus.Rejected, "was rejected. Ask its approvers why")]
    [InlineData(AccessStatus.Expired, "has expired. Request access again")]
    public async Task Decision_AgainstIt_FailsWhoWaitsAndAsksNobodyAgain(AccessStatus decision, string why)
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts);
        var tunnel = await OpenAsync(stack, server);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await stack.WhenAsync(info => info.State == TunnelState.NeedsApproval);
        stack.Emulator.Decide(Request(stack).Id, decision);
        var faulted = await stack.WhenAsync(info => info.Fault?.Code == TunnelErrorCode.AccessEnded);
        Assert.Equal(TunnelState.Faulted, faulted.State);
        Assert.Contains(why, faulted.Fault!.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync(new byte[8]));

        using var another = await Stack.ConnectAsync(tunnel.LocalPort);
        await Assert.ThrowsAsync<SocketException>(() => another.ReceiveAsync(new byte[8]));
        Assert.Single(stack.Emulator.AccessRequests);

        // Whoever opens it again agrees to another request.
        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);
        await OpenAsync(stack, server, openNow: true);
        Assert.Equal(2, stack.Emulator.AccessRequests.Count);
    }

    [Fact]
    public async Task Connect_TwoTunnelsToOneNode_ShareARequest()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts);
        var first = await OpenAsync(stack, server, openNow: true);
        var second = await OpenAsync(stack, server, openNow: true);
        Assert.Equal(first.AccessRequestId, second.AccessRequestId);
        stack.Emulator.Decide(Request(stack).Id, AccessStatus.Approved);
        using var one = await Stack.ConnectAsync(first.LocalPort);
        using var other = await Stack.ConnectAsync(second.LocalPort);
        await EchoAsync(one);
        await EchoAsync(other);
        Assert.Single(stack.Emulator.AccessRequests);
    }

    [Fact]
    public async Task Close_WhileItWaits_StopsLookingAndTheNextTunnelTakesTheRequest()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts);
        var tunnel = await OpenAsync(stack, server, openNow: true);
        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);
        await UntilAsync(() => stack.Log.Lines.Any(line => line.Contains("stays with its approvers", StringComparison.Ordinal)));

        stack.Emulator.Decide(Request(stack).Id, AccessStatus.Approved);
        var again = await OpenAsync(stack, server, openNow: true);
        Assert.Equal((tunnel.AccessRequestId, TunnelState.Open), (again.AccessRequestId, again.State));
        using var client = await Stack.ConnectAsync(again.LocalPort);
        await EchoAsync(client);
        Assert.Single(stack.Emulator.AccessRequests);
    }

    [Fact]
    public async Task Session_CredentialsEndSoon_FetchesOthersBefore()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts with { IsAutomatic = true, TokenSeconds = 200 });
        var tunnel = await OpenAsync(stack, server, openNow: true);
        var before = Request(stack).Tokens;
        stack.Session.Faults.EndSession("");
        await stack.UntilAsync(info => info.Statistics.SessionsNow == 0);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(client);
        Assert.True(Request(stack).Tokens > before, "Other credentials were fetched");
        Assert.Equal(2, stack.Emulator.Sessions.Count);
        Assert.Single(stack.Emulator.AccessRequests);
    }

    [Fact]
    public async Task Session_AccessRevoked_GoesOnAndTheNextFails()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts with { IsAutomatic = true, TokenSeconds = 200 });
        var tunnel = await OpenAsync(stack, server, openNow: true);
        stack.Emulator.Decide(Request(stack).Id, AccessStatus.Revoked);
        using (var client = await Stack.ConnectAsync(tunnel.LocalPort))
        {
            await EchoAsync(client);
        }

        stack.Session.Faults.EndSession("");
        await stack.UntilAsync(info => info.Statistics.SessionsNow == 0);
        using var next = await Stack.ConnectAsync(tunnel.LocalPort);
        var faulted = await stack.WhenAsync(info => info.Fault?.Code == TunnelErrorCode.AccessEnded);
        Assert.Contains($"Access to {Stack.Target} was revoked", faulted.Fault!.Message, StringComparison.Ordinal);
        Assert.Single(stack.Emulator.AccessRequests);
    }

    [Fact]
    public async Task Close_AccessRevoked_EndsTheSessionWithItsUsersOwnCredentials()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts with { IsAutomatic = true, TokenSeconds = 200 });
        var tunnel = await OpenAsync(stack, server, openNow: true);
        stack.Emulator.Decide(Request(stack).Id, AccessStatus.Revoked);
        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);
        Assert.NotNull(stack.Session.EndedWith);
    }

    [Fact]
    public async Task Open_AccessIsForShellsOnly_SaysSo()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(new EmulatedNodeAccess { IsAutomatic = true });
        var failure = await RefusedAsync(stack, server);
        Assert.Equal(TunnelErrorCode.AccessDenied, failure.Code);
        Assert.Contains(
            $"was approved (request {Request(stack).Id}), but not for sessions with the document {Document}",
            failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Open_AnswerToTheRequestIsLost_DoesNotAskTwice()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts);
        stack.Emulator.ApiFaults.LoseAnswer("StartAccessRequest");
        var failure = await RefusedAsync(stack, server);
        Assert.Equal(TunnelErrorCode.AccessEnded, failure.Code);
        Assert.Contains("may have been requested", failure.Message, StringComparison.Ordinal);
        Assert.Single(stack.Emulator.AccessRequests);
    }

    [Fact]
    public async Task Open_MayNotAskAboutItsRequest_SaysSo()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ForPorts, denied: ["ssm:StartSession", "ssm:GetAccessToken"]);
        var failure = await RefusedAsync(stack, server);
        Assert.Equal(TunnelErrorCode.AccessEnded, failure.Code);
        Assert.Contains("can't call ssm:GetAccessToken", failure.Message, StringComparison.Ordinal);
    }

    private static Task<Stack> StartAsync(EmulatedNodeAccess? access, TimeProvider? time = null, IReadOnlyList<string>? denied = null)
    {
        var jane = new EmulatedCredential("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "token-of-jane")
        {
            Arn = "arn:aws:sts::111122223333:assumed-role/Developer/jane",
        };
        return Stack.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions { Unpaced = true },
                Credentials = [jane with { DeniedActions = denied ?? ["ssm:StartSession"] }],
                NodeAccess = access,
            },
            new Dictionary<string, string?>
            {
                ["AWS_ACCESS_KEY_ID"] = jane.AccessKeyId,
                ["AWS_SECRET_ACCESS_KEY"] = jane.SecretAccessKey,
                ["AWS_SESSION_TOKEN"] = jane.SessionToken,
            },
            time
        );
    }

    private static Task<TunnelInfo> OpenAsync(Stack stack, TargetServer server, string? why = "look into ${host}", bool openNow = false) =>
        stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = Stack.TargetHost,
                Port = server.Port,
                RequestAccess = why,
                OpenNow = openNow,
            },
            CancellationToken.None
        );

    private static Task<TunnelException> RefusedAsync(Stack stack, TargetServer server, string? why = "look into ${host}") =>
        Assert.ThrowsAsync<TunnelException>(() => OpenAsync(stack, server, why, openNow: true));

    private static AccessRequestDescription Request(Stack stack) => stack.Emulator.AccessRequests.Single();

    private static async Task EchoAsync(Socket client)
    {
        await client.SendAsync(new byte[] { 7 });
        Assert.Equal(1, await client.ReceiveAsync(new byte[8]));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Hang.Limit, "It never came to that");
            await Task.Yield();
        }
    }
}
