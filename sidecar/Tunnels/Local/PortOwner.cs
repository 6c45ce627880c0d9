using System.Globalization;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.Local;

/// <summary>Finds the process that listens on a port, for an error message. Looks only where this user may.</summary>
internal static class PortOwner
{
    private const string ListenState = "0A";

    /// <summary>For example <c>postgres (process 812)</c>; null when the system does not tell.</summary>
    public static string? Find(int port)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            var sockets = ListeningInodes("/proc/net/tcp", port)
                .Concat(ListeningInodes("/proc/net/tcp6", port))
                .Select(inode => $"socket:[{inode}]")
                .ToHashSet();
            return sockets.Count == 0
                ? null
                : Directory
                    .EnumerateDirectories("/proc")
                    .Select(process => Describe(process, sockets))
                    .FirstOrDefault(description => description is not null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // "  0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 24567 1 …"
    private static IEnumerable<string> ListeningInodes(string table, int port) =>
        from line in File.Exists(table) ? File.ReadLines(table).Skip(1) : []
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where
            fields.Length > 9
            && fields[3] == ListenState
            && fields[1].EndsWith(string.Create(CultureInfo.InvariantCulture, $":{port:X4}"), StringComparison.Ordinal)
        select fields[9];

    private static string? Describe(string process, HashSet<string> sockets)
    {
        var id = Path.GetFileName(process);
        if (!int.TryParse(id, out _))
        {
            return null;
        }

        try
        {
            return Directory
                .EnumerateFiles(Path.Combine(process, "fd"))
                .Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target))
                ? $"{ForeignText.Line(File.ReadAllText(Path.Combine(process, "comm")))} (process {id})"
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return null;
        }
    }
}
