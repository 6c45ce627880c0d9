using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Tests;

/// <summary>The agent, given what a real client sent, answers as the real agent did.</summary>
public sealed class RecordedSessionTests
{
    [Fact]
    public async Task Agent_GivenRecordedClient_AnswersAsRecordedAgent()
    {
        var recorded = Recording.Read();
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions
            {
                // The recorded agent is from before loopback was forbidden.
                Instances = [EmulatedInstance.Default with { AgentVersion = "3.3.0.0" }],
                Agent = new AgentOptions { Resolve = (_, _) => ("127.0.0.1", target.Port) },
            }
        );
        var (_, client) = await emulator.ConnectAsync(15432, "127.0.0.1");
        using var connection = client;

        var expected = recorded
            .Where(message => message.IsFromNode && message.Header.MessageType != MessageType.AgentSessionState)
            .ToList();
        var received = new List<ReceivedMessage>();
        var receivedAmount = 0;
        foreach (var message in recorded)
        {
            if (message.IsFromNode)
            {
                continue;
            }

            // The client sent this after it had seen so much, and so does the script.
            var seen = expected.Where(earlier => earlier.Index < message.Index).Sum(earlier => AmountOf(earlier.Header, earlier.Payload));
            while (receivedAmount < seen)
            {
                var next = (await client.ReceiveAsync())!;

                // On a slow machine the agent sends again what the script has not acknowledged yet.
                if (received.TrueForAll(earlier => earlier.Header.MessageId != next.Header.MessageId))
                {
                    received.Add(next);
                    receivedAmount += AmountOf(next.Header, next.Payload);
                }
            }

            await client.SendRawAsync(message.Bytes);
        }

        Assert.Equal(
            expected
                .Where(message => message.Header.MessageType == MessageType.Acknowledge)
                .Select(message => (message.Header.Flags, message.Text)),
            received.Where(message => message.Type == MessageType.Acknowledge).Select(message => (message.Header.Flags, message.Text))
        );
        AssertSameStream(
            [
                .. expected
                    .Where(message => message.Header.MessageType == MessageType.OutputStreamData)
                    .Select(message => (message.Header, message.Payload)),
            ],
            [
                .. received
                    .Where(message => message.Type == MessageType.OutputStreamData)
                    .Select(message => (message.Header, message.Payload)),
            ]
        );
    }

    private static void AssertSameStream(
        List<(ClientMessageHeader Header, byte[] Payload)> expected,
        List<(ClientMessageHeader Header, byte[] Payload)> received
    )
    {
        // The last two messages are the FINs of both streams: whether they share a message, and which comes first, is chance.
        var beforeFins = expected.Count - 2;
        foreach (var (wanted, got) in expected.Zip(received).Take(beforeFins))
        {
            Assert.Equal(
                (wanted.Header.SequenceNumber, wanted.Header.Flags, wanted.Header.PayloadType),
                (got.Header.SequenceNumber, got.Header.Flags, got.Header.PayloadType)
            );
            if (IsHandshakeComplete(wanted.Header))
            {
                // Its one number is how long the handshake took.
                var complete = JsonSerializer.Deserialize(got.Payload, DataChannelJson.Default.HandshakeComplete)!;
                Assert.InRange(complete.HandshakeTimeToComplete, 1, (long)TimeSpan.FromSeconds(15).TotalNanoseconds);
                Assert.Equal("", complete.CustomerMessage);
            }
            else
            {
                Assert.Equal(wanted.Payload, got.Payload);
            }
        }

        Assert.Equal(FramesOf(expected.Skip(beforeFins)), FramesOf(received.Skip(beforeFins)));
    }

    private static IEnumerable<string> FramesOf(IEnumerable<(ClientMessageHeader Header, byte[] Payload)> messages) =>
        messages.SelectMany(message => message.Payload.Chunk(8)).Select(Convert.ToHexString).Order();

    // How long HandshakeComplete is depends on its number; but nothing may be sent before it, for the agent drops that.
    private static int AmountOf(ClientMessageHeader header, byte[] payload) => IsHandshakeComplete(header) ? 1 : payload.Length;

    private static bool IsHandshakeComplete(ClientMessageHeader header) => header.PayloadType == PayloadType.HandshakeComplete;
}
