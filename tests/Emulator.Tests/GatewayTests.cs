using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Tests;

public sealed class GatewayTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_UsedOrUnknownToken_IsClosedAsPolicyViolation(bool used)
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (_, streamUrl, token) = await emulator.Aws.StartSessionAsync(9);
        using var first = await ScriptedPeer.ConnectAsync(streamUrl, token);
        await first.ReceiveAsync(MessageType.OutputStreamData);

        using var second = await ScriptedPeer.ConnectAsync(streamUrl, used ? token : "unknown");
        await second.DrainAsync();

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, second.CloseStatus);
    }

    [Fact]
    public async Task Open_TokenOfTheOtherSide_IsClosedAsPolicyViolation()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (_, streamUrl, token) = await emulator.Aws.StartSessionAsync(9);

        using var node = await ScriptedPeer.ConnectAsync(streamUrl, token, instanceId: "i-1");
        await node.DrainAsync();

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, node.CloseStatus);
    }

    [Fact]
    public async Task Open_NewerClient_ReplacesTheOlder()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (session, first) = await emulator.ConnectAsync();
        await first.ReceiveAsync(MessageType.OutputStreamData);

        using var second = await emulator.ResumeAsync(session);

        await first.DrainAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, first.CloseStatus);
        await second.ReceiveAsync(MessageType.OutputStreamData);
        Assert.Equal(2, session.Counters.ClientConnections);
        first.Dispose();
    }

    [Fact]
    public async Task Client_AfterAnHour_IsClosedWithBye_AndTheSessionGoesOn()
    {
        var time = EmulatorFixture.CreateFakeTime();
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Limits = SessionLimits.Default with { IdleTimeout = TimeSpan.FromHours(3) } },
            time
        );
        var (session, client) = await emulator.ConnectAsync();
        await client.ShakeHandsAsync();

        time.Advance(TimeSpan.FromMinutes(59));
        Assert.True(session.IsClientConnected);
        time.Advance(TimeSpan.FromMinutes(1));
        await client.DrainAsync();

        Assert.Equal((WebSocketCloseStatus.NormalClosure, "Bye"), (client.CloseStatus!.Value, client.CloseDescription));
        Assert.Null(session.EndedWith);
        using var resumed = await emulator.ResumeAsync(session);
        await Eventually.TrueAsync(() => session.IsClientConnected);
        client.Dispose();
    }

    [Fact]
    public async Task Session_WithoutData_EndsAfterTheIdleTimeout()
    {
        var time = EmulatorFixture.CreateFakeTime();
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync(time: time);
        var (session, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        time.Advance(TimeSpan.FromMinutes(19));
        await client.SendDataAsync(1, SmuxFrame(0, 3));
        await Eventually.TrueAsync(() => session.Counters.ClientToNode.DataMessages == 2);
        time.Advance(TimeSpan.FromMinutes(19));
        Assert.Null(session.EndedWith);

        // The session measures anew how long it has been idle, at a time of its own.
        await Eventually.TrueAsync(() => session.EndedWith is not null, () => time.Advance(TimeSpan.FromSeconds(1)));
        var closed = await client.ReceiveAsync(MessageType.ChannelClosed);
        Assert.Contains("inactivity", closed.Text, StringComparison.Ordinal);
        Assert.Equal(session.Id, JsonNode.Parse(closed.Text)!["SessionId"]!.GetValue<string>());
        Assert.Equal(SessionEndReason.IdleTimeout, (await session.Ended).Reason);
        await client.DrainAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Fact]
    public async Task Session_AtItsMaximumDuration_Ends()
    {
        var time = EmulatorFixture.CreateFakeTime();
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Limits = SessionLimits.Default with { MaximumDuration = TimeSpan.FromMinutes(10) } },
            time
        );
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        await client.ShakeHandsAsync();

        time.Advance(TimeSpan.FromMinutes(10));
        await Eventually.TrueAsync(() => session.EndedWith is not null, () => time.Advance(TimeSpan.FromSeconds(1)));

        await client.ReceiveAsync(MessageType.ChannelClosed);
        Assert.Equal(SessionEndReason.MaximumDuration, (await session.Ended).Reason);
    }

    [Fact]
    public async Task TerminateSession_TellsClientAndNode()
    {
        await using var emulator = await EmulatorFixture.StartAsync(WithoutAgent());
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        using var node = await ConnectNodeAsync(emulator, session);

        await emulator.Aws.CallAndExpectAsync("TerminateSession", new() { ["SessionId"] = session.Id });

        Assert.Contains("\"Output\":\"\"", (await client.ReceiveAsync(MessageType.ChannelClosed)).Text, StringComparison.Ordinal);
        await node.ReceiveAsync(MessageType.ChannelClosed);
    }

    [Fact]
    public async Task Node_OverWebSocket_IsRelayedInOrderBothWays()
    {
        await using var emulator = await EmulatorFixture.StartAsync(WithoutAgent());
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        using var node = await ConnectNodeAsync(emulator, session);

        for (var i = 0; i < 500; i++)
        {
            await client.SendDataAsync(i, [(byte)i]);
            await node.SendAsync(MessageType.OutputStreamData, i, PayloadType.Output, [(byte)~i]);
        }

        for (var i = 0; i < 500; i++)
        {
            var atNode = await node.ReceiveAsync(MessageType.InputStreamData);
            var atClient = await client.ReceiveAsync(MessageType.OutputStreamData);
            Assert.Equal((i, (byte)i, (byte)~i), (atNode.Header.SequenceNumber, atNode.Payload[0], atClient.Payload[0]));
        }
    }

    [Fact]
    public async Task Node_IsToldWhenItsClientGoesAndComesBack()
    {
        await using var emulator = await EmulatorFixture.StartAsync(WithoutAgent());
        var (session, client) = await emulator.ConnectAsync();
        using var node = await ConnectNodeAsync(emulator, session);

        client.Abort();
        Assert.NotEmpty((await node.ReceiveAsync(MessageType.PausePublication)).Payload);
        using var resumed = await emulator.ResumeAsync(session);
        Assert.NotEmpty((await node.ReceiveAsync(MessageType.StartPublication)).Payload);
        client.Dispose();
    }

    [Fact]
    public async Task Node_BeforeItsClient_IsToldToWait()
    {
        await using var emulator = await EmulatorFixture.StartAsync(WithoutAgent());
        var (id, streamUrl, token) = await emulator.Aws.StartSessionAsync(9);
        using var node = await ConnectNodeAsync(emulator, emulator.Session(id));

        await node.ReceiveAsync(MessageType.PausePublication);
        using var client = await ScriptedPeer.ConnectAsync(streamUrl, token);
        await node.ReceiveAsync(MessageType.StartPublication);
    }

    [Fact]
    public async Task Client_IsToldWhenItsNodeGoesAndComesBack()
    {
        await using var emulator = await EmulatorFixture.StartAsync(WithoutAgent());
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        var node = await ConnectNodeAsync(emulator, session);

        node.Abort();
        await client.ReceiveAsync(MessageType.PausePublication);
        using var reconnected = await ConnectNodeAsync(emulator, session);
        await client.ReceiveAsync(MessageType.StartPublication);
        node.Dispose();
    }

    [Fact]
    public async Task CreateDataChannel_Answers201WithXml_UntilTheSessionIsOver()
    {
        await using var emulator = await EmulatorFixture.StartAsync(WithoutAgent());
        var (id, _, _) = await emulator.Aws.StartSessionAsync(9);

        using var created = await emulator.Aws.CreateDataChannelAsync(id);
        var root = XElement.Parse(await created.Content.ReadAsStringAsync());
        await emulator.Aws.CallAndExpectAsync("TerminateSession", new() { ["SessionId"] = id });
        using var refused = await emulator.Aws.CreateDataChannelAsync(id);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(["MessageSchemaVersion", "TokenValue"], root.Elements().Select(element => element.Name.LocalName));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("Session is already terminated", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_SendsTooMuchInOneMessage_IsClosed()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (_, client) = await emulator.ConnectAsync();
        using var connection = client;

        await client.SendRawAsync(new byte[100_000]);
        await client.DrainAsync();

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, client.CloseStatus);
    }

    /// <summary>An agent that never comes, so that a test can be the node.</summary>
    private static EmulatorOptions WithoutAgent() => new() { OnSessionStarting = session => session.Faults.KillAgent() };

    private static async Task<ScriptedPeer> ConnectNodeAsync(EmulatorFixture emulator, EmulatedSession session)
    {
        using var created = await emulator.Aws.CreateDataChannelAsync(session.Id);
        var token = XElement.Parse(await created.Content.ReadAsStringAsync()).Elements().Last().Value;
        var streamUrl = new Uri($"ws://{emulator.Server.Endpoint.Authority}/v1/data-channel/{session.Id}?role=publish_subscribe");
        Assert.False(session.IsNodeConnected);
        var node = await ScriptedPeer.ConnectAsync(streamUrl, token, instanceId: EmulatedInstance.Default.InstanceId);
        await Eventually.TrueAsync(() => session.IsNodeConnected);
        return node;
    }

    private static byte[] SmuxFrame(byte command, byte streamId) => [1, command, 0, 0, streamId, 0, 0, 0];
}
