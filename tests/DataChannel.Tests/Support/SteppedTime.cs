using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace RdsTunnel.DataChannels.Tests.Support;

/// <summary>Time that passes by one wait between two attempts, and no more: nothing else runs out meanwhile.</summary>
internal sealed class SteppedTime : FakeTimeProvider
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime <= LongestWait)
        {
            _waits.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    /// <summary>Lets the next wait begin, and pass.</summary>
    public async Task<TimeSpan> PassWaitAsync()
    {
        var wait = await _waits.Reader.ReadAsync();
        Advance(wait);
        return wait;
    }
}
