using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Faults;

/// <summary>Applies <see cref="LinkFaults"/> to the messages of one direction. Thread-safe.</summary>
internal sealed class FaultInjector(
    LinkFaults faults,
    TimeProvider time,
    Action<Func<CancellationToken, Task>> runInBackground,
    Action lost
)
{
    private static readonly TimeSpan LongestReordering = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();

    // Guarded by _gate.
#pragma warning disable CA5394 // Reproducible by its seed, which is the point.
    private readonly Random _random = new(faults.Seed);
    private RelayMessage? _held;

    public async ValueTask ApplyAsync(RelayMessage message, MessageKind kind, Func<RelayMessage, ValueTask> deliver)
    {
        if (kind == MessageKind.Other || (kind == MessageKind.Acknowledge && !faults.IncludeAcknowledgements))
        {
            await deliver(message).ConfigureAwait(false);
            return;
        }

        bool drop,
            duplicate,
            delay,
            hold;
        RelayMessage? overtaken = null,
            copy = null;
        lock (_gate)
        {
            drop = _random.NextDouble() < faults.Drop;
            duplicate = _random.NextDouble() < faults.Duplicate;
            delay = _random.NextDouble() < faults.Delay;
            hold = _random.NextDouble() < faults.Reorder && _held is null && !drop && !delay;
            if (duplicate && !drop)
            {
                copy = RelayMessage.CopyOf(message.Span);
            }

            if (hold)
            {
                _held = message;
            }
            else if (!drop && !delay)
            {
                overtaken = _held;
                _held = null;
            }
        }

        if (drop)
        {
            message.Release();
            lost();
            return;
        }

        if (copy is { } second)
        {
            await deliver(second).ConfigureAwait(false);
        }

        if (hold)
        {
            runInBackground(cancellationToken => ReleaseHeldAsync(deliver, cancellationToken));
        }
        else if (delay)
        {
            runInBackground(cancellationToken => DeliverLaterAsync(message, deliver, cancellationToken));
        }
        else
        {
            await deliver(message).ConfigureAwait(false);
            if (overtaken is { } late)
            {
                await deliver(late).ConfigureAwait(false);
            }
        }
    }

    private async Task ReleaseHeldAsync(Func<RelayMessage, ValueTask> deliver, CancellationToken cancellationToken)
    {
        await Task.Delay(LongestReordering, time, cancellationToken).ConfigureAwait(false);
        RelayMessage? held;
        lock (_gate)
        {
            held = _held;
            _held = null;
        }

        if (held is { } message)
        {
            await deliver(message).ConfigureAwait(false);
        }
    }

    private async Task DeliverLaterAsync(RelayMessage message, Func<RelayMessage, ValueTask> deliver, CancellationToken cancellationToken)
    {
        await Task.Delay(faults.DelayTime, time, cancellationToken).ConfigureAwait(false);
        await deliver(message).ConfigureAwait(false);
    }
}
