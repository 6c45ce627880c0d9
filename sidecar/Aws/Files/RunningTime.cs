namespace RdsTunnel.Aws.Files;

/// <summary>Waits for a time in which this process runs. One that was paused, or had no processor, finds its time over, and what it
/// waits for had none either.</summary>
internal static class RunningTime
{
    private const int Parts = 8;

    /// <param name="wait">Waits for so long at most; true when what it waits for is there.</param>
    /// <returns>False when it is not there in time.</returns>
    public static bool Wait(Func<TimeSpan, bool> wait, TimeSpan time)
    {
        for (var part = 0; part < Parts; part++)
        {
            if (wait(time / Parts))
            {
                return true;
            }
        }

        return false;
    }
}
