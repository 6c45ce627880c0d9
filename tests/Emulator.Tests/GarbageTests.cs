using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Tests.Support;
using Xunit.Abstractions;

namespace RdsTunnel.Emulator.Tests;

public sealed class GarbageTests(ITestOutputHelper output)
{
    [Fact]
    public async Task MutatedMessages_AreIgnored_AndTheSessionGoesOn()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var recorded = Recording.Read().Where(message => !message.IsFromNode).ToList();
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync();
        var (session, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.ShakeHandsAsync();

        for (var i = 0; i < 500; i++)
        {
            var message = (byte[])recorded[random.Next(recorded.Count)].Bytes.Clone();

            // In the type or in the payload, so that it is never again a message that the agent understands.
            message[random.Next(2) == 0 ? 4 + random.Next(3) : 120 + random.Next(message.Length - 120)] ^= (byte)(1 + random.Next(255));
            await client.SendRawAsync(message.AsMemory(0, random.Next(4) == 0 ? random.Next(1, message.Length) : message.Length));
        }

        await client.SendDataAsync(1, SmuxFrames.Open(3, [.. TestTarget.EchoPrefix, 42]));
        Assert.Equal(SmuxFrames.Push(3, [42]), (await client.ReceiveAsync(MessageType.OutputStreamData)).Payload);
        Assert.Null(session.EndedWith);
    }
}
