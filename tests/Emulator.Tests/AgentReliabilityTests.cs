using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Tests;

public sealed class AgentReliabilityTests
{
    [Fact]
    public async Task Duplicate_IsAcknowledgedAgainAndNotProcessedTwice()
    {
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync();
        var (_, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        var open = SmuxFrames.Open(3, [.. TestTarget.EchoPrefix, 1]);
        await client.SendDataAsync(1, open);
        await ReceiveAcknowledgeOf(client, 1);
        await client.SendDataAsync(1, open);
        await ReceiveAcknowledgeOf(client, 1);
        await client.SendDataAsync(2, SmuxFrames.Push(3, [2]));

        Assert.Equal([1, 2], await EchoAsync(client, 2));
        Assert.Equal(1, target.Connections);
    }

    [Fact]
    public async Task MessagesAheadOfTheirTurn_AreAcknowledgedKeptAndProcessedInOrder()
    {
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync();
        var (_, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        await client.SendDataAsync(3, SmuxFrames.Push(3, [3]));
        await ReceiveAcknowledgeOf(client, 3);
        await client.SendDataAsync(2, SmuxFrames.Push(3, [2]));
        await ReceiveAcknowledgeOf(client, 2);
        await client.SendDataAsync(1, SmuxFrames.Open(3, [.. TestTarget.EchoPrefix, 1]));
        await ReceiveAcknowledgeOf(client, 1);

        Assert.Equal([1, 2, 3], await EchoAsync(client, 3));
    }

    [Fact]
    public async Task OnlyTheOldestMessage_IsResent()
    {
        var time = EmulatorFixture.CreateFakeTime();
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync(Unpaced(), time);
        var (session, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        await client.SendDataAsync(1, SmuxFrames.Open(3, [.. TestTarget.EchoPrefix, 1]));
        var oldest = await client.ReceiveAsync(MessageType.OutputStreamData);
        await client.SendDataAsync(2, SmuxFrames.Push(3, [2]));
        var next = await client.ReceiveAsync(MessageType.OutputStreamData);

        for (var i = 0; i < 3; i++)
        {
            var resent = await Eventually.ResultAsync(
                client.ReceiveAsync(MessageType.OutputStreamData),
                () => time.Advance(TimeSpan.FromMilliseconds(100))
            );
            Assert.Equal((oldest.Header.SequenceNumber, oldest.Header.MessageId), (resent.Header.SequenceNumber, resent.Header.MessageId));
        }

        await client.AcknowledgeAsync(oldest);
        var later = await Eventually.ResultAsync(
            client.ReceiveAsync(MessageType.OutputStreamData, message => message.Header.SequenceNumber != oldest.Header.SequenceNumber),
            () => time.Advance(TimeSpan.FromMilliseconds(100))
        );
        Assert.Equal(next.Header.MessageId, later.Header.MessageId);
        Assert.Null(session.EndedWith);
    }

    [Fact]
    public async Task Paused_KeepsWhatItSends_UntilItIsToldToStart()
    {
        var time = EmulatorFixture.CreateFakeTime();
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Agent = new AgentOptions { ConnectsBeforeClient = true } },
            time
        );
        var (id, streamUrl, token) = await emulator.Aws.StartSessionAsync(9);
        var session = emulator.Session(id);
        await Eventually.TrueAsync(() => session.IsNodeConnected);
        time.Advance(TimeSpan.FromSeconds(10));

        // Whatever the agent sent before it knew that nobody listens is lost; resending it waits for start_publication.
        Assert.InRange(session.Counters.NodeToClient.DataMessages, 0, 1);
        using var client = await ScriptedPeer.ConnectAsync(streamUrl, token, upgrade: new Upgrade { Time = time.GetUtcNow() });
        var request = await Eventually.ResultAsync(
            client.ReceiveAsync(MessageType.OutputStreamData),
            () => time.Advance(TimeSpan.FromMilliseconds(100))
        );
        Assert.Equal((0, PayloadType.HandshakeRequest), (request.Header.SequenceNumber, request.Header.PayloadType));
    }

    [Fact]
    public async Task Paced_SendsNoFasterThanItsSleepAllows()
    {
        // 65,536 bytes, in messages of at most 1,024.
        const int Messages = 64;
        var time = EmulatorFixture.CreateFakeTime();
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync(time: time);
        var (session, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.ShakeHandsAsync();
        var before = session.Counters.NodeToClient.DataMessages;
        var startedAt = time.GetTimestamp();

        await client.SendDataAsync(1, SmuxFrames.Open(3, [(byte)'D', 0, 0, 0, 0, 0, 1, 0, 0]));

        // The clock moves by less than a sleep at a time, so no sleep can be overslept by much.
        await Eventually.TrueAsync(
            () => session.Counters.NodeToClient.DataMessages - before > Messages,
            () => time.Advance(TimeSpan.FromMilliseconds(1))
        );
        Assert.True(time.GetElapsedTime(startedAt) >= 0.9 * Messages * TimeSpan.FromMilliseconds(1), $"{time.GetElapsedTime(startedAt)}");
    }

    [Fact]
    public async Task Pacer_MakesUpForOversleeping_ButNotForIdleTime()
    {
        var time = EmulatorFixture.CreateFakeTime();
        var pacer = new Pacer(time);

        var sleep = pacer.SleepAsync(CancellationToken.None).AsTask();
        Assert.False(sleep.IsCompleted);
        time.Advance(3 * Pacer.Pace);
        await sleep;
        Assert.True(pacer.SleepAsync(CancellationToken.None).AsTask().IsCompleted);
        Assert.True(pacer.SleepAsync(CancellationToken.None).AsTask().IsCompleted);
        Assert.False(pacer.SleepAsync(CancellationToken.None).AsTask().IsCompleted);

        time.Advance(3 * Pacer.Pace);
        pacer.OnIdle();
        Assert.False(pacer.SleepAsync(CancellationToken.None).AsTask().IsCompleted);
    }

    [Fact]
    public void OutgoingBuffer_WhenFull_KeepsTheOldestAndForgetsTheNewest()
    {
        var time = EmulatorFixture.CreateFakeTime();
        var buffer = new OutgoingMessageBuffer(time);
        for (long i = 0; i <= OutgoingMessageBuffer.Capacity; i++)
        {
            buffer.Add(i, RelayMessage.CopyOf([(byte)i]));
        }

        Assert.Equal(OutgoingMessageBuffer.Capacity, buffer.Count);
        buffer.Acknowledge(OutgoingMessageBuffer.Capacity);
        Assert.Equal(OutgoingMessageBuffer.Capacity, buffer.Count);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(buffer.TryTakeLate(out var oldest));
        Assert.Equal(0, oldest.Value.Span[0]);
        buffer.Clear();
    }

    [Fact]
    public void RetransmissionTimeout_FollowsTheRoundTripTime_UpToASecond()
    {
        var timeout = new RetransmissionTimeout();
        Assert.Equal(TimeSpan.FromMilliseconds(200), timeout.Value);

        // srtt = 100 + (500 - 100) / 8 = 150 ms, variation = 400 / 4 = 100 ms.
        timeout.Sample(TimeSpan.FromMilliseconds(500));
        Assert.Equal(550, timeout.Value.TotalMilliseconds, precision: 3);

        timeout.Sample(TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(1), timeout.Value);

        for (var i = 0; i < 200; i++)
        {
            timeout.Sample(TimeSpan.FromMilliseconds(5));
        }

        Assert.Equal(15, timeout.Value.TotalMilliseconds, precision: 1);
    }

    private static EmulatorOptions Unpaced() => new() { Agent = new AgentOptions { Unpaced = true } };

    private static Task<ReceivedMessage> ReceiveAcknowledgeOf(ScriptedPeer client, long sequenceNumber) =>
        client.ReceiveAsync(MessageType.Acknowledge, message => message.AcknowledgedSequenceNumber == sequenceNumber);

    /// <summary>So many bytes that come back on a stream, without the frames around them.</summary>
    private static async Task<List<byte>> EchoAsync(ScriptedPeer client, int count)
    {
        var stream = new List<byte>();
        while (true)
        {
            var message = await client.ReceiveAsync(MessageType.OutputStreamData);
            await client.AcknowledgeAsync(message);
            stream.AddRange(message.Payload);
            var data = new List<byte>();
            for (var offset = 0; offset + 8 <= stream.Count; offset += 8 + stream[offset + 2])
            {
                data.AddRange(stream.Skip(offset + 8).Take(stream[offset + 2]));
            }

            if (data.Count >= count)
            {
                return data;
            }
        }
    }
}
