namespace RdsTunnel.Emulator.Agents;

/// <summary>The agent's sleep after each message, in the long run as long as it should be. One caller.</summary>
/// <remarks>What one sleep takes too long, the next ones are shortened by.</remarks>
internal sealed class Pacer(TimeProvider time)
{
    /// <summary>The agent's sleep with what Linux and the sending of a message add to it: 0.85 MB/s.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1.2);

    /// <summary>A machine that stalls longer slows the agent down, as it would the real one.</summary>
    private static readonly TimeSpan LongestOversleep = TimeSpan.FromMilliseconds(10);

    private TimeSpan _overslept;

    /// <summary>There was nothing to send: the agent has waited for data, not slept.</summary>
    public void OnIdle() => _overslept = TimeSpan.Zero;

    public ValueTask SleepAsync(CancellationToken cancellationToken)
    {
        _overslept -= Pace;
        return _overslept >= TimeSpan.Zero ? ValueTask.CompletedTask : SleepNowAsync(-_overslept, cancellationToken);
    }

    private async ValueTask SleepNowAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        // Task.Delay knows whole milliseconds only.
        var isOver = new TaskCompletionSource();
        await using (
            time.CreateTimer(static isOver => ((TaskCompletionSource)isOver!).TrySetResult(), isOver, duration, Timeout.InfiniteTimeSpan)
                .ConfigureAwait(false)
        )
        {
            await isOver.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        _overslept += time.GetElapsedTime(startedAt);
        if (_overslept > LongestOversleep)
        {
            _overslept = LongestOversleep;
        }
    }
}
