using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Tests;

public sealed class AgentHandshakeTests
{
    [Fact]
    public async Task HandshakeRequest_ToOwnPort_HasNoHost()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (_, client) = await emulator.ConnectAsync(5432, host: null);
        using var connection = client;

        var request = JsonSerializer.Deserialize((await client.ShakeHandsAsync()).Payload, DataChannelJson.Default.HandshakeRequest)!;

        Assert.Equal(EmulatedInstance.Default.AgentVersion, request.AgentVersion);
        Assert.Equal(
            """{"SessionType":"Port","Properties":{"localPortNumber":"25432","portNumber":"5432","type":"LocalPortForwarding"}}""",
            Assert.Single(request.RequestedClientActions).ActionParameters.GetRawText()
        );
    }

    [Fact]
    public async Task Handshake_WithoutResponse_EndsTheSessionAfter15Seconds()
    {
        var time = EmulatorFixture.CreateFakeTime();
        await using var emulator = await EmulatorFixture.StartAsync(time: time);
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        await client.AcknowledgeAsync(await client.ReceiveAsync(MessageType.OutputStreamData));

        time.Advance(TimeSpan.FromSeconds(14));
        Assert.Null(session.EndedWith);
        var closed = await Eventually.ResultAsync(
            client.ReceiveAsync(MessageType.ChannelClosed),
            () => time.Advance(TimeSpan.FromSeconds(1))
        );

        Assert.Contains("Handshake timed out", closed.Text, StringComparison.Ordinal);
        Assert.Equal(SessionEndReason.AgentFinished, (await session.Ended).Reason);
    }

    [Fact]
    public async Task Handshake_ClientFailsAnAction_EndsTheSession()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (_, client) = await emulator.ConnectAsync();
        using var connection = client;
        await client.AcknowledgeAsync(await client.ReceiveAsync(MessageType.OutputStreamData));

        await client.SendHandshakeResponseAsync(status: ActionStatus.Unsupported);

        var closed = await client.ReceiveAsync(MessageType.ChannelClosed);
        Assert.Contains("SessionType failed on client with status 3", closed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_BeforeHandshakeComplete_IsAcknowledgedAndThrownAway()
    {
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync();
        var (_, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.AcknowledgeAsync(await client.ReceiveAsync(MessageType.OutputStreamData));

        // Were it not thrown away, it would end the smux session: it is no frame.
        await client.SendDataAsync(0, [9, 9, 9, 9, 9, 9, 9, 9]);
        Assert.Equal(0, (await client.ReceiveAsync(MessageType.Acknowledge)).AcknowledgedSequenceNumber);
        await client.SendAsync(MessageType.InputStreamData, 1, PayloadType.HandshakeResponse, HandshakeResponse);
        await client.AcknowledgeAsync(await client.ReceiveAsync(MessageType.OutputStreamData));

        await client.SendDataAsync(2, SmuxFrames.Open(3, [.. TestTarget.EchoPrefix, 42]));
        Assert.Equal(SmuxFrames.Push(3, [42]), (await client.ReceiveAsync(MessageType.OutputStreamData)).Payload);
    }

    [Fact]
    public async Task Data_WhileThePluginIsNotReady_IsNotAcknowledged()
    {
        var time = EmulatorFixture.CreateFakeTime();
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Agent = new AgentOptions { PluginStartTime = TimeSpan.FromSeconds(2) } },
            time
        );
        var (session, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        var open = SmuxFrames.Open(3, [.. TestTarget.EchoPrefix, 42]);
        await client.SendDataAsync(1, open);
        await client.SendDataAsync(2, SmuxFrames.Push(3, [43]));

        // The first acknowledgement is the second message's: that one is early, so it is kept, while the first was refused.
        Assert.Equal(
            2,
            (
                await client.ReceiveAsync(MessageType.Acknowledge, message => message.AcknowledgedSequenceNumber > 0)
            ).AcknowledgedSequenceNumber
        );
        var acknowledged = client.ReceiveAsync(MessageType.Acknowledge);
        while (!acknowledged.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            await client.SendDataAsync(1, open);
            await Task.WhenAny(acknowledged, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }

        Assert.Equal(1, (await acknowledged).AcknowledgedSequenceNumber);
        Assert.Null(session.EndedWith);
    }

    private static byte[] HandshakeResponse =>
        """{"ClientVersion":"1.2.707.0","ProcessedClientActions":[{"ActionType":"SessionType","ActionStatus":1,"ActionResult":null,"Error":""}],"Errors":null}"""u8.ToArray();
}
