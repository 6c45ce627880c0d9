using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>The data channel is signed where that works, and the missing permission is named where nothing does.</summary>
public sealed class ChannelSigningTests
{
    private const string Refused = "refused the signed websocket";

    [Fact]
    public async Task Open_Required_IsSigned_AndSoIsEachReconnect()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ChannelSignatureRule.Required);
        var tunnel = await stack.OpenAsync(server.Port);
        Assert.Equal(ChannelOpening.WithSignature, stack.Tunnels.ChannelOf(tunnel.Id));

        stack.Session.Faults.CutClient();
        await EchoAsync(tunnel.LocalPort);

        await stack.UntilAsync(info => info.Statistics.Resumes == 1);
        Assert.Equal((2, 2), (stack.Session.Counters.ClientConnections, stack.Session.Counters.SignedClientConnections));
        Assert.DoesNotContain(stack.Log.Lines, line => line.Contains("signature", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Open_PermissionMissing_WorksWithout_AndTheTunnelRemembersIt()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ChannelSignatureRule.Denied);
        var tunnel = await stack.OpenAsync(server.Port);

        await EchoAsync(tunnel.LocalPort);
        stack.Session.Faults.CutClient();
        await stack.UntilAsync(info => info.Statistics.Resumes == 1);
        await EchoAsync(tunnel.LocalPort);
        stack.Session.Faults.EndSession();
        await stack.UntilAsync(info => info.Statistics.SessionsNow == 0);
        await EchoAsync(tunnel.LocalPort);

        Assert.Equal(2, stack.Emulator.Sessions.Count);
        Assert.Equal(ChannelOpening.SignatureRefused, stack.Tunnels.ChannelOf(stack.Tunnel.Id));
        Assert.Single(stack.Log.Lines, line => line.Contains(Refused, StringComparison.Ordinal));
        Assert.Single(stack.Log.Lines, line => line.Contains("ssmmessages:OpenDataChannel seems to be missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconnect_WithoutIsRefusedByThen_TriesSignaturesAgain()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ChannelSignatureRule.Denied);
        var tunnel = await stack.OpenAsync(server.Port);
        Assert.Equal(ChannelOpening.SignatureRefused, stack.Tunnels.ChannelOf(tunnel.Id));
        using var connection = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(connection);

        stack.Emulator.Channel = new ChannelRules();
        stack.Session.Faults.CutClient();

        await EchoAsync(connection);
        Assert.Equal(ChannelOpening.WithSignature, stack.Tunnels.ChannelOf(tunnel.Id));
    }

    [Fact]
    public async Task Open_AnotherTunnel_TriesForItself()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ChannelSignatureRule.Denied);
        await stack.OpenAsync(server.Port);
        stack.Emulator.Channel = new ChannelRules();

        Assert.Equal(ChannelOpening.WithSignature, stack.Tunnels.ChannelOf((await stack.OpenAsync(server.Port)).Id));
    }

    [Fact]
    public async Task Open_RefusedWithAndWithout_NamesThePermissionAndTheResource()
    {
        await using var stack = await StartAsync(ChannelSignatureRule.Required, denied: true);

        var e = await Assert.ThrowsAsync<TunnelException>(() => stack.OpenAsync(9));

        Assert.Equal(TunnelErrorCode.ChannelDenied, e.Code);
        Assert.Contains(
            $"ssmmessages:OpenDataChannel on arn:aws:ssm:eu-central-1:111122223333:session/{stack.Session.Id}",
            e.Message,
            StringComparison.Ordinal
        );
        Assert.NotNull(stack.Session.EndedWith);
    }

    [Fact]
    public async Task Reconnect_RefusedWithAndWithout_IsSaidAndGoesOnOnceItIsAllowed()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync(ChannelSignatureRule.Optional);
        var tunnel = await stack.OpenAsync(server.Port);
        using var connection = await Stack.ConnectAsync(tunnel.LocalPort);
        await EchoAsync(connection);

        stack.Session.Faults.RefuseUpgrade(times: 6, statusCode: 403);
        stack.Session.Faults.CutClient();

        var denied = await stack.WhenAsync(info => info.State == TunnelState.Faulted);
        Assert.Equal(TunnelErrorCode.ChannelDenied, denied.Fault!.Code);
        await EchoAsync(connection);
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
        Assert.Equal(ChannelOpening.WithSignature, stack.Tunnels.ChannelOf(stack.Tunnel.Id));
    }

    private static Task<Stack> StartAsync(ChannelSignatureRule rule, bool denied = false) =>
        Stack.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions { Unpaced = true },
                Channel = new() { Signature = rule },
                Credentials =
                [
                    Emulator.Signing.EmulatedCredential.Default with
                    {
                        DeniedActions = denied ? ["ssmmessages:OpenDataChannel"] : null,
                    },
                ],
            }
        );

    private static async Task EchoAsync(int port)
    {
        using var socket = await Stack.ConnectAsync(port);
        await EchoAsync(socket);
    }

    private static async Task EchoAsync(System.Net.Sockets.Socket socket)
    {
        await Bytes.SendAllAsync(socket, "hello"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await Bytes.ReceiveAsync(socket, 5));
    }
}
