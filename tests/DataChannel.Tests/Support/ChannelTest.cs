using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.DataChannels.Messaging;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.DataChannels.Tests.Support;

/// <summary>A channel whose other side, and whose time, the test plays.</summary>
public abstract class ChannelTest
{
    internal SteppedTime Time { get; } = new();

    internal ScriptedNode Node { get; } = new();

    // Fake time passes as long as it takes; the real time only bounds a test that fails.
    internal async Task PassTimeUntilAsync(Func<bool> condition, TimeSpan step)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Hang.Limit, "It never came to that.");
            Time.Advance(step);
            await Task.Yield();
        }
    }

    internal Task<DataChannel> StartOpening(CancellationToken cancellationToken = default) =>
        DataChannel.OpenAsync(Node.Access, Node, Node, Time, NullLogger.Instance, cancellationToken);

    internal async Task<Opened> OpenAsync()
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        await Node.ShakeHandsAsync();
        return new Opened(await opening, Time);
    }

    // A new link begins with those that were sent last on the old one, the handshake's among them.
    internal async Task SkipAcknowledgesAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Node.Link.NextAsync(MessageType.Acknowledge);
        }
    }

    internal async Task<List<SentMessage>> NextDataAsync(int count)
    {
        var messages = new List<SentMessage>();
        while (messages.Count < count)
        {
            messages.Add(await Node.Link.NextAsync(MessageType.InputStreamData));
        }

        return messages;
    }

    internal static async Task<string> ReadAsync(DataChannel channel, int count)
    {
        var result = await channel.Input.ReadAtLeastAsync(count);
        var text = Encoding.ASCII.GetString(result.Buffer.Slice(0, count).ToArray());
        channel.Input.AdvanceTo(result.Buffer.GetPosition(count));
        return text;
    }

    // An end that the node does not confirm takes its time, which has to pass.
    internal sealed class Opened(DataChannel channel, FakeTimeProvider time) : IAsyncDisposable
    {
        public DataChannel Channel => channel;

        public async ValueTask DisposeAsync()
        {
            var disposing = channel.DisposeAsync().AsTask();
            while (!disposing.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Yield();
            }

            await disposing;
        }
    }
}
