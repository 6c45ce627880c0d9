using System.Runtime.InteropServices;

namespace RdsTunnel.Host;

/// <summary>The signals that a terminal's keys send.</summary>
internal static partial class KeySignals
{
    private const int Default = 0; // SIG_DFL

    /// <summary>Ends their being ignored, which the AWS CLI does for itself, and its plugin inherits:
    /// the runtime would leave it at that. To be called before any is registered.</summary>
    public static void StopIgnoring()
    {
        if (!OperatingSystem.IsWindows())
        {
            foreach (var signal in (int[])[2, 3, OperatingSystem.IsMacOS() ? 18 : 20]) // SIGINT, SIGQUIT, SIGTSTP
            {
                SetHandler(signal, Default);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
