using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace RdsTunnel.Tunnels.Tests.Support;

/// <summary>A clock that a test moves on once somebody waits for it.</summary>
internal sealed class WaitedForTime() : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    private readonly ConcurrentDictionary<TimeSpan, SemaphoreSlim> _waits = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.GetOrAdd(dueTime, _ => new SemaphoreSlim(0)).Release();
        return timer;
    }

    /// <summary>Waits until somebody waits for that long, and moves on by as much.</summary>
    public async Task PassAsync(TimeSpan wait)
    {
        await _waits.GetOrAdd(wait, _ => new SemaphoreSlim(0)).WaitAsync().WaitAsync(Hang.Limit, TimeProvider.System);
        Advance(wait);
    }

    /// <summary>Moves on by a wait whenever somebody waits for that long, until it has come to something.</summary>
    public async Task PassUntilAsync(TimeSpan wait, Func<bool> isOver)
    {
        var started = System.GetTimestamp();
        while (!isOver())
        {
            Assert.True(System.GetElapsedTime(started) < Hang.Limit, "It never came to that");
            if (_waits.TryGetValue(wait, out var waits) && await waits.WaitAsync(TimeSpan.Zero))
            {
                Advance(wait);
            }

            await Task.Yield();
        }
    }
}
