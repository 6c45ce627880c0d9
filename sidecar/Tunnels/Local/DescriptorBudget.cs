using System.Globalization;

namespace RdsTunnel.Tunnels.Local;

/// <summary>The descriptors that tunnels and their local connections may take, all together: a program that
/// opens too many must leave some to files, calls to AWS
/// and the runtime, which aborts the process when it gets none. Thread-safe.</summary>
internal sealed class DescriptorBudget(int most)
{
    /// <summary>What the runtime, sessions and calls to AWS have open, with room to spare.</summary>
    private const int Reserve = 256;

    /// <summary>Of a limit that is hardly above the reserve, a third is left.</summary>
    private const int LeastPart = 3;

    /// <summary>A tunnel's own: its port, its socket file, a session's websocket and its successor.</summary>
    private const int OfATunnel = 4;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private int _connections;
    private int _tunnels;

    public static DescriptorBudget OfProcess { get; } = new(MostOf(ReadLimit()));

    /// <param name="limit">RLIMIT_NOFILE; null where there is none, or it is not known.</param>
    public static int MostOf(int? limit) =>
        limit is { } descriptors ? Math.Max(descriptors / LeastPart, descriptors - Reserve) : int.MaxValue;

    public bool TryTakeConnection()
    {
        lock (_gate)
        {
            if (_connections >= most - (_tunnels * OfATunnel))
            {
                return false;
            }

            _connections++;
            return true;
        }
    }

    public void ReturnConnection()
    {
        lock (_gate)
        {
            _connections--;
        }
    }

    /// <summary>Half of all is for connections. One tunnel is always possible.</summary>
    public bool TryTakeTunnel()
    {
        lock (_gate)
        {
            var after = (_tunnels + 1L) * OfATunnel;
            if (_tunnels > 0 && (after > most / 2 || after > most - _connections))
            {
                return false;
            }

            _tunnels++;
            return true;
        }
    }

    public void ReturnTunnel()
    {
        lock (_gate)
        {
            _tunnels--;
        }
    }

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
