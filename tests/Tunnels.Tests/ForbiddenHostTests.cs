using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>Where agents refuse to forward to is known beforehand, as far as a host's spelling
/// tells, and said with the agent's version when one refuses.</summary>
public sealed class ForbiddenHostTests
{
    [Theory]
    [InlineData("169.254.169.254", "instance metadata")]
    [InlineData("fd00:ec2::254", "instance metadata")]
    [InlineData("fd00:0ec2:0:0:0:0:0:0254", "instance metadata")]
    [InlineData("0xa9fea9fe", "instance metadata")]
    [InlineData("2852039166", "instance metadata")]
    [InlineData("::ffff:169.254.169.254", "instance metadata")]
    [InlineData("169.254.169.253", "the VPC's DNS")]
    [InlineData("169.254.169.123", "the time service")]
    [InlineData("169.254.170.2", "the credentials of ECS tasks")]
    [InlineData("fd00:ec2::23", "the credentials of EKS pods")]
    public void Find_ForbiddenAddressInAnySpelling_SaysWhatItIs(string host, string what) =>
        Assert.Equal(what, ForbiddenHost.Find(host)?.What);

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.252")]
    [InlineData("db.internal")]
    [InlineData("169.254.169.254.example.com")]
    public void Find_OtherHost_IsNone(string host) => Assert.Null(ForbiddenHost.Find(host));

    [Theory]
    [InlineData("169.254.169.254", "3.1.1188.0", true)]
    [InlineData("169.254.169.254", null, true)]
    [InlineData("169.254.170.2", "3.3.4850.9", false)]
    [InlineData("169.254.170.2", "3.3.4851.0", true)]
    [InlineData("169.254.170.2", "3.3.5068.0", true)]
    [InlineData("169.254.170.2", null, null)]
    [InlineData("169.254.170.2", "unknown", null)]
    public void IsRefusedBy_DependsOnTheAgentsVersion(string host, string? agentVersion, bool? expected) =>
        Assert.Equal(expected, ForbiddenHost.Find(host)!.IsRefusedBy(agentVersion));

    [Theory]
    [InlineData("169.254.169.254", "the address of instance metadata")]
    [InlineData("metadata.internal", "it is the jump host itself")]
    public async Task Session_WhoseHostTheAgentForbids_FaultsTheTunnelInOurWords(string host, string reason)
    {
        await using var stack = await Stack.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions
                {
                    Unpaced = true,
                    Resolve = (name, port) => (name == "metadata.internal" ? "169.254.169.254" : name, port),
                },
            }
        );
        await stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = host,
                Port = 80,
                OpenNow = true,
            },
            CancellationToken.None
        );

        var info = await stack.WhenAsync(info => info.State == TunnelState.Faulted);

        Assert.Equal(TunnelErrorCode.HostForbidden, info.Fault?.Code);
        Assert.StartsWith(
            $"The jump host's SSM agent 3.3.5068.0 doesn't forward to {host}: ",
            info.Fault?.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(reason, info.Fault?.Message, StringComparison.Ordinal);
        Assert.Equal($"Forwarding to IP address {host} is forbidden.", (await stack.Session.Ended).Output);
        Assert.Equal(SessionEndReason.AgentFinished, stack.Session.EndedWith?.Reason);
        Assert.DoesNotContain("Forwarding to IP address", info.Fault?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_ToTheJumpHostItself_IsForAPortOfItsOwn()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = "127.1",
                Port = server.Port,
                OpenNow = true,
            },
            CancellationToken.None
        );

        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync(new byte[1]);
        await Bytes.ReceiveAsync(client, 1);

        Assert.Equal("AWS-StartPortForwardingSession", stack.Session.DocumentName);
        Assert.Null(stack.Session.Properties.Host);
    }

    [Fact]
    public async Task OpenAsync_JumpHostItselfAndNoneNamed_IsRefused()
    {
        await using var stack = await Stack.StartAsync();

        var failure = await Assert.ThrowsAsync<TunnelException>(() =>
            stack.Tunnels.OpenAsync(new TunnelRequest { Host = "localhost", Port = 1 }, CancellationToken.None)
        );

        Assert.Equal(TunnelErrorCode.InvalidRequest, failure.Code);
    }
}
