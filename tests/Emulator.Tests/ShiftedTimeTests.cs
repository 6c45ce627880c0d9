namespace RdsTunnel.Emulator.Tests;

public sealed class ShiftedTimeTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private readonly ShiftedTime _time = new(TimeSpan.Zero);

    [Fact]
    public async Task Delay_OfAMillisecond_IsNoShorter()
    {
        for (var i = 0; i < 20; i++)
        {
            var startedAt = _time.GetTimestamp();
            await Task.Delay(Millisecond, _time);
            Assert.True(_time.GetElapsedTime(startedAt) >= Millisecond);
        }
    }

    [Fact]
    public async Task Delays_ManyAtOnce_AllEnd() =>
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Task.Delay(Millisecond * (1 + (i % 2)), _time)));

    [Fact]
    public async Task Timer_DisposedBeforeItIsDue_DoesNotFire()
    {
        var fired = false;
        await using (_time.CreateTimer(_ => fired = true, null, 2 * Millisecond, Timeout.InfiniteTimeSpan)) { }

        await Task.Delay(2 * Millisecond, _time);
        await Task.Delay(2 * Millisecond, _time);
        Assert.False(fired);
    }
}
