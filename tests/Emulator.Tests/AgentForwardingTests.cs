using System.Net;
using System.Net.Sockets;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.World;
using RdsTunnel.Tests;

namespace RdsTunnel.Emulator.Tests;

public sealed class AgentForwardingTests
{
    [Fact]
    public async Task Target_ThatCannotBeDialled_GivesAFlagAndAFin()
    {
        using var deaf = new DeafPort();
        await using var emulator = await EmulatorFixture.StartAsync();
        var (session, client) = await emulator.ConnectAsync(deaf.Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        await client.SendDataAsync(1, SmuxFrames.Syn(3));

        var messages = new[]
        {
            await client.ReceiveAsync(MessageType.OutputStreamData),
            await client.ReceiveAsync(MessageType.OutputStreamData),
        };
        Assert.Contains(
            messages,
            message => message.Header.PayloadType == PayloadType.Flag && message.Payload.SequenceEqual(new byte[] { 0, 0, 0, 3 })
        );
        Assert.Contains(messages, message => message.Payload.SequenceEqual(SmuxFrames.Fin(3)));
        Assert.Null(session.EndedWith);
    }

    [Fact]
    public async Task Name_OfTheTarget_IsResolvedAsTheAgentsNetworkWould()
    {
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions
                {
                    Resolve = (host, port) => (host, port) == ("db.internal", 5432) ? ("127.0.0.1", target.Port) : ("nowhere.invalid", 1),
                },
            }
        );
        var (_, client) = await emulator.ConnectAsync(5432, "db.internal");
        using var connection = client;
        await client.ShakeHandsAsync();

        await client.SendDataAsync(1, SmuxFrames.Open(3, [.. TestTarget.EchoPrefix, 7]));

        Assert.Equal(SmuxFrames.Push(3, [7]), (await client.ReceiveAsync(MessageType.OutputStreamData)).Payload);
    }

    [Fact]
    public async Task Fin_OfTheClient_ClosesTheTargetsConnectionBothWays()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var emulator = await EmulatorFixture.StartAsync();
        var (_, client) = await emulator.ConnectAsync(((IPEndPoint)listener.LocalEndpoint).Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        await client.SendDataAsync(1, SmuxFrames.Open(3, [1]));
        using var server = await listener.AcceptSocketAsync();
        await client.SendDataAsync(2, SmuxFrames.Fin(3));

        var buffer = new byte[8];
        Assert.Equal(1, await server.ReceiveAsync(buffer));
        Assert.Equal(0, await server.ReceiveAsync(buffer));
        Assert.Equal(SmuxFrames.Fin(3), (await client.ReceiveAsync(MessageType.OutputStreamData)).Payload);
    }

    [Fact]
    public async Task Flag_TerminateSession_EndsTheSession()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        await client.ShakeHandsAsync();

        await client.SendFlagAsync(1, PayloadFlag.TerminateSession);

        await client.ReceiveAsync(MessageType.ChannelClosed);
        Assert.Equal(SessionEndReason.AgentFinished, (await session.Ended).Reason);
    }

    [Theory]
    [InlineData("3.3.0.0", "1.2.331.0", true)]
    [InlineData("3.3.0.0", "1.2.332.0", false)]
    [InlineData("3.1.1510.0", "1.2.707.0", true)]
    [InlineData("3.1.1511.0", "1.2.707.0", false)]
    public void KeepAlive_DependsOnBothVersions(string agentVersion, string clientVersion, bool expected) =>
        Assert.Equal(expected, AgentVersions.KeepAliveInterval(agentVersion, clientVersion) is not null);

    [Theory]
    [InlineData("3.0.196.0", "1.1.70", true)]
    [InlineData("3.0.195.9", "1.2.707.0", false)]
    [InlineData("3.3.0.0", "1.1.69.9", false)]
    [InlineData("3.3.0.0", "nonsense", false)]
    public void Multiplexing_NeedsBothVersions(string agentVersion, string clientVersion, bool expected) =>
        Assert.Equal(expected, AgentVersions.Multiplexes(agentVersion, clientVersion));

    [Fact]
    public async Task AgentWithKeepAlive_SendsNops_AndGivesUpOnSilence()
    {
        var time = EmulatorFixture.CreateFakeTime();
        await using var emulator = await EmulatorFixture.StartAsync(OldAgent("3.1.0.0"), time);
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        await client.ShakeHandsAsync();

        var nop = await Eventually.ResultAsync(
            client.ReceiveAsync(MessageType.OutputStreamData, message => message.Header.PayloadType == PayloadType.Output),
            () => time.Advance(TimeSpan.FromSeconds(1))
        );
        Assert.Equal(SmuxFrames.Nop, nop.Payload[..8]);

        await Eventually.TrueAsync(() => session.EndedWith is not null, () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(SessionEndReason.AgentFinished, session.EndedWith!.Reason);
    }

    [Fact]
    public async Task OldAgent_ForwardsRawBytes_AndDialsAgainAfterDisconnectToPort()
    {
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync(OldAgent("3.0.195.0"));
        var (_, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        await client.SendDataAsync(1, [.. TestTarget.EchoPrefix, 1, 2]);
        var echo = await client.ReceiveAsync(MessageType.OutputStreamData);
        await client.AcknowledgeAsync(echo);
        Assert.Equal([1, 2], echo.Payload);
        await client.SendFlagAsync(2, PayloadFlag.DisconnectToPort);

        // Until it has noticed its own disconnection, the agent refuses data, and expects it again.
        var second = client.ReceiveAsync(MessageType.OutputStreamData, message => message.Header.MessageId != echo.Header.MessageId);
        while (!second.IsCompleted)
        {
            await client.SendDataAsync(3, [.. TestTarget.EchoPrefix, 3]);
            await Task.WhenAny(second, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
        }

        Assert.Equal([3], (await second).Payload);
        Assert.Equal(2, target.Connections);
    }

    [Fact]
    public async Task OldAgent_WithoutTarget_EndsTheSession()
    {
        using var deaf = new DeafPort();
        await using var emulator = await EmulatorFixture.StartAsync(OldAgent("3.0.195.0"));
        var (_, client) = await emulator.ConnectAsync(deaf.Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        var closed = await client.ReceiveAsync(MessageType.ChannelClosed);

        Assert.Contains("Unable to connect to specified port", closed.Text, StringComparison.Ordinal);
    }

    private static EmulatorOptions OldAgent(string version) =>
        new() { Instances = [EmulatedInstance.Default with { AgentVersion = version }] };
}
