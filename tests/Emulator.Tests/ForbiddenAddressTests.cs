using System.Net;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Tests;

/// <summary>Agents refuse to forward to some addresses, each version to its own.</summary>
public sealed class ForbiddenAddressTests
{
    [Theory]
    [InlineData("169.254.169.254", "3.1.1188.0")]
    [InlineData("fd00:ec2::254", "3.1.1188.0")]
    [InlineData("169.254.169.253", "3.1.1188.0")]
    [InlineData("fd00:ec2::253", "3.1.1188.0")]
    [InlineData("169.254.169.123", "3.1.1374.0")]
    [InlineData("169.254.169.250", "3.1.1374.0")]
    [InlineData("10.0.0.0", "3.1.1374.0")]
    [InlineData("10.0.0.2", "3.1.1374.0")]
    [InlineData("10.0.0.3", "3.1.1374.0")]
    [InlineData("10.0.255.255", "3.1.1374.0")]
    [InlineData("2600:1f18:64ad::2", "3.1.1374.0")]
    [InlineData("fd00:ec2::123", "3.3.551.0")]
    [InlineData("169.254.169.251", "3.3.551.0")]
    [InlineData("fd00:ec2::240", "3.3.551.0")]
    [InlineData("127.0.0.1", "3.3.4851.0")]
    [InlineData("127.8.8.8", "3.3.4851.0")]
    [InlineData("::1", "3.3.4851.0")]
    [InlineData("::ffff:127.0.0.1", "3.3.4851.0")]
    [InlineData("169.254.170.2", "3.3.4851.0")]
    [InlineData("169.254.170.23", "3.3.4851.0")]
    [InlineData("fd00:ec2::23", "3.3.4851.0")]
    [InlineData("0.0.0.0", "3.3.5068.0")]
    [InlineData("::", "3.3.5068.0")]
    public void Address_IsForbiddenSinceAVersion(string address, string version)
    {
        var since = AgentVersions.Parse(version);
        string[] blocks = ["10.0.0.0/16", "2600:1f18:64ad::/56"];

        Assert.True(ForbiddenAddresses.Contain(IPAddress.Parse(address), since, blocks));
        Assert.True(ForbiddenAddresses.Contain(IPAddress.Parse(address), new DottedVersion(3, 3, 5068, 0), blocks));
        Assert.False(ForbiddenAddresses.Contain(IPAddress.Parse(address), since with { Build = since.Build - 1 }, blocks));
    }

    [Theory]
    [InlineData("10.0.0.4")]
    [InlineData("10.0.1.2")]
    [InlineData("10.0.255.254")]
    [InlineData("10.1.0.2")]
    [InlineData("169.254.169.252")]
    [InlineData("fd00:ec2::24")]
    public void Address_OfOthers_IsFree(string address) =>
        Assert.False(ForbiddenAddresses.Contain(IPAddress.Parse(address), new DottedVersion(3, 3, 5068, 0), ["10.0.0.0/16"]));

    [Theory]
    [InlineData("3.3.5068.0", "127.0.0.1")]
    [InlineData("3.3.5068.0", "localhost")]
    [InlineData("3.3.5068.0", "2130706433")]
    [InlineData("3.3.5068.0", "169.254.169.254")]
    [InlineData("3.3.5068.0", "10.0.0.2")]
    [InlineData("3.3.5068.0", "metadata.internal")]
    [InlineData("3.3.0.0", "169.254.169.254")]
    public async Task Session_ToAForbiddenAddress_IsEndedAfterTheHandshake(string agentVersion, string host)
    {
        await using var emulator = await StartAsync(agentVersion);
        var (session, client) = await emulator.ConnectAsync(5432, host);
        using var connection = client;
        await client.ShakeHandsAsync();

        var closed = await client.ReceiveAsync(MessageType.ChannelClosed);

        Assert.Contains($"\"Output\":\"Forwarding to IP address {host} is forbidden.\"", closed.Text, StringComparison.Ordinal);
        Assert.Equal(SessionEndReason.AgentFinished, (await session.Ended).Reason);
    }

    [Fact]
    public async Task Session_ToLoopbackThroughAnOlderAgent_IsServed()
    {
        await using var target = new TestTarget();
        await using var emulator = await StartAsync("3.3.4850.0");
        var (_, client) = await emulator.ConnectAsync(target.Port, "127.0.0.1");
        using var connection = client;
        await client.ShakeHandsAsync();

        await client.SendDataAsync(1, SmuxFrames.Open(3, [.. TestTarget.EchoPrefix, 7]));

        Assert.Equal(SmuxFrames.Push(3, [7]), (await client.ReceiveAsync(MessageType.OutputStreamData)).Payload);
    }

    [Fact]
    public void DefaultInstance_HasTheNewestAgent() => Assert.Equal("3.3.5068.0", EmulatedInstance.Default.AgentVersion);

    private static Task<EmulatorFixture> StartAsync(string agentVersion) =>
        EmulatorFixture.StartAsync(
            new EmulatorOptions
            {
                Instances = [EmulatedInstance.Default with { AgentVersion = agentVersion }],
                Agent = new AgentOptions { Resolve = (host, port) => (host == "metadata.internal" ? "169.254.169.254" : host, port) },
            }
        );
}
