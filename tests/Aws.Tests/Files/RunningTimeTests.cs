using RdsTunnel.Aws.Files;
using Xunit;

namespace RdsTunnel.Aws.Tests.Files;

/// <summary>A pause of the process is no time in which a file could have been read.</summary>
public sealed class RunningTimeTests
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(2);

    [Fact]
    public void Wait_ItNeverComes_EndsAfterTheTime()
    {
        var waited = TimeSpan.Zero;
        Assert.False(RunningTime.Wait(left => Pass(left, ref waited), Time));
        Assert.Equal(Time, waited);
    }

    [Fact]
    public void Wait_ProcessWasPausedForLonger_GoesOnWaiting()
    {
        var waits = 0;
        Assert.True(RunningTime.Wait(_ => ++waits == 2, Time)); // the first one was over when it woke up
    }

    private static bool Pass(TimeSpan left, ref TimeSpan waited)
    {
        waited += left;
        return false;
    }
}
