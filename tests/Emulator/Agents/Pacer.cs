namespace RdsTunnel.Emulator.Agents;

/// <summary>The agent's sleep after each message, in the long run as long as it should be. One caller.</summary>
/// <remarks>Timers here tick every 4 ms on many machines, where the agent's own sleep takes little more than the millisecond that it asks
/// for. So what one sleep takes too long, the next ones are shortened by.</remarks>
internal sealed class Pacer(TimeProvider time)
{
    /// <summary>A sleep of 1 ms with what Linux and the sending of a message add to it: 0.85 MB/s.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1.2);

    /// <summary>A machine that stalls longer slows the agent down, as it would the real one.</summary>
    private static readonly TimeSpan LongestOversleep = TimeSpan.FromMilliseconds(10);

    private TimeSpan _overslept;

    /// <summary>There was nothing to send: the agent has waited for data, not slept.</summary>
    public void OnIdle() => _overslept = TimeSpan.Zero;

    public ValueTask SleepAsync(CancellationToken cancellationToken)
    {
        if (_overslept < Pace)
        {
            return SleepNowAsync(cancellationToken);
        }

        _overslept -= Pace;
        return ValueTask.CompletedTask;
    }

    private async ValueTask SleepNowAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        await Task.Delay(Pace, time, cancellationToken).ConfigureAwait(false);
        _overslept += time.GetElapsedTime(startedAt) - Pace;
        if (_overslept > LongestOversleep)
        {
            _overslept = LongestOversleep;
        }
    }
}
