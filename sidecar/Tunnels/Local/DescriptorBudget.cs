using System.Globalization;

namespace RdsTunnel.Tunnels.Local;

/// <summary>The descriptors that local connections may take, all tunnels together: a program that
/// opens too many must leave some to sessions, files
/// and the runtime, which aborts the process when it gets none. Thread-safe.</summary>
internal sealed class DescriptorBudget(int most)
{
    /// <summary>What the runtime, the sessions of some tens of tunnels, and calls to AWS have open, with room to spare.</summary>
    private const int Reserve = 256;

    /// <summary>However small the limit is, a database tool can connect.</summary>
    private const int Least = 32;

    private int _taken;

    public static DescriptorBudget OfProcess { get; } = new(MostConnections(ReadLimit()));

    public int Most => most;

    /// <param name="limit">RLIMIT_NOFILE; null where there is none, or it is not known.</param>
    public static int MostConnections(int? limit) => limit is { } descriptors ? Math.Max(Least, descriptors - Reserve) : int.MaxValue;

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= most)
        {
            return true;
        }

        Return();
        return false;
    }

    public void Return() => Interlocked.Decrement(ref _taken);

    // "Max open files            20000                20000                files"
    internal static int? ReadLimit(string file = "/proc/self/limits")
    {
        const string Name = "Max open files";
        try
        {
            return
                OperatingSystem.IsLinux()
                && File.ReadLines(file).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) is { } found
                && int.TryParse(
                    found[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
                    CultureInfo.InvariantCulture,
                    out var limit
                )
                ? limit
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
