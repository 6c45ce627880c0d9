namespace RdsTunnel.Emulator;

/// <summary>A clock that differs from this machine's, as AWS's does for a laptop whose own is wrong, and short waits as exact as the real
/// agent's.</summary>
/// <param name="ahead">Negative for one that is behind.</param>
public sealed class ShiftedTime(TimeSpan ahead) : TimeProvider
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(2);
    private readonly ShortTimers _shortTimers = new(System);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        dueTime > TimeSpan.Zero && dueTime <= Short && period == Timeout.InfiniteTimeSpan
            ? _shortTimers.Start(callback, state, dueTime)
            : base.CreateTimer(callback, state, dueTime, period);
}
