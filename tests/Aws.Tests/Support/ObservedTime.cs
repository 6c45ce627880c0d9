using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace RdsTunnel.Aws.Tests.Support;

/// <summary>Time that stands still, and tells which waits have begun.</summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>The next wait that is a part of a call, not the call's own limit of 10 s.</summary>
    public async Task<TimeSpan> NextBackoffAsync()
    {
        while (true)
        {
            var wait = await _waits.Reader.ReadAsync();
            if (wait > TimeSpan.Zero && wait < TimeSpan.FromSeconds(10))
            {
                return wait;
            }
        }
    }
}
