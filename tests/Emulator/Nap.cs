using System.Runtime.InteropServices;

namespace RdsTunnel.Emulator;

/// <summary>A thread's sleep of less than a millisecond, which .NET has not.</summary>
internal static partial class Nap
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Returns after <paramref name="duration"/>, in Linux some 50 µs later, or earlier if a signal came. Windows: after a
    /// millisecond or two.</summary>
    /// <param name="duration">Less than a second.</param>
    public static void For(TimeSpan duration)
    {
        if (OperatingSystem.IsWindows())
        {
#pragma warning disable RS0030 // There is nothing finer to wait on.
            Thread.Sleep(1);
#pragma warning restore RS0030
            return;
        }

        var request = new TimeSpec { Nanoseconds = (nint)(duration.Ticks * NanosecondsPerTick) };
        _ = NanoSleep(in request, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec request, nint remaining);

    /// <summary>timespec of 64-bit systems.</summary>
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
