using System.IO.Pipelines;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Emulator.Agents;

/// <summary>Reads at most 1,024 bytes, sends them, sleeps: the agent's way to send.</summary>
/// <param name="pacer">Null: no sleep.</param>
internal sealed class OutputPump(AgentDataChannel channel, Pacer? pacer, TimeProvider time)
{
    /// <summary>Sends what <paramref name="reader"/> gives until it is completed.</summary>
    public async Task RunAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (channel.IsPaused)
            {
                await Task.Delay(Pacer.Pace, time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var reading = reader.ReadAsync(cancellationToken);
            if (!reading.IsCompleted)
            {
                pacer?.OnIdle();
            }

            var result = await reading.ConfigureAwait(false);
            if (result.Buffer.IsEmpty && result.IsCompleted)
            {
                return;
            }

            var data = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, AgentDataChannel.MaxPayloadBytes));
            await channel.SendStreamDataAsync(PayloadType.Output, data).ConfigureAwait(false);
            reader.AdvanceTo(data.End);
            if (pacer is not null)
            {
                await pacer.SleepAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
