using System.IO.Pipelines;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Emulator.Agents;

/// <summary>Reads at most 1,024 bytes, sends them, sleeps: the agent's pace, about 0.9 MB/s at best.</summary>
internal sealed class OutputPump(AgentDataChannel channel, bool unpaced, TimeProvider timeProvider)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    /// <summary>Sends what <paramref name="reader"/> gives until it is completed.</summary>
    public async Task RunAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (channel.IsPaused)
            {
                await SleepAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.Buffer.IsEmpty && result.IsCompleted)
            {
                return;
            }

            var data = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, AgentDataChannel.MaxPayloadBytes));
            await channel.SendStreamDataAsync(PayloadType.Output, data).ConfigureAwait(false);
            reader.AdvanceTo(data.End);
            if (!unpaced)
            {
                await SleepAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task SleepAsync(CancellationToken cancellationToken) => Task.Delay(Pace, timeProvider, cancellationToken);
}
