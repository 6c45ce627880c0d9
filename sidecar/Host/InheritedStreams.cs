using System.Runtime.InteropServices;

namespace RdsTunnel.Host;

/// <summary>Which of the standard streams this process was started with. The number of one that is missing is given to whatever is opened
/// next, by the runtime itself: to write there, or to read from it, would reach something else.</summary>
internal static partial class InheritedStreams
{
    private const int GetFlags = 1; // F_GETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC

    private static readonly bool[] Known = [Look(0), Look(1), Look(2)];

    public static bool HasInput => Known[0];

    public static bool HasOutput => Known[1];

    public static bool HasError => Known[2];

    // What was inherited is open, and not closed by an exec: it has come through one. The runtime's own are.
    private static bool Look(int descriptor) =>
        OperatingSystem.IsWindows() || (GetDescriptorFlags(descriptor, GetFlags) is >= 0 and var flags && (flags & CloseOnExec) == 0);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int GetDescriptorFlags(int descriptor, int command);
}
