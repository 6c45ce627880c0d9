using System.Diagnostics;

namespace RdsTunnel.Host;

/// <summary>The process that started this one, looked at from time to time.</summary>
/// <exception cref="ArgumentException">There is no such process.</exception>
internal sealed class ParentProcess(int processId) : IDisposable
{
    private const int NoSuchProcess = 3;

    private readonly Process _process = Process.GetProcessById(processId);

    public bool IsGone => _process.HasExited || IsZombie();

    public void Dispose() => _process.Dispose();

    // Ended, but not yet collected by its own parent. /proc/<id>/stat is "<id> (<name, any characters>) <state> …".
    private bool IsZombie()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            return stat.AsSpan(stat.LastIndexOf(')') + 1).StartsWith(" Z");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return true; // gone between two looks
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // ESRCH: gone while it was read. Anything else, having no descriptor left above all, says nothing about the parent.
            return e.HResult == NoSuchProcess;
        }
    }
}
