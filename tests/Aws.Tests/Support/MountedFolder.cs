using System.Diagnostics;
using Xunit;

namespace RdsTunnel.Aws.Tests.Support;

/// <summary>Another file system in a folder's place: read-only, or a tiny one. Permissions do not
/// bind root, whom many containers run tests as.</summary>
internal sealed class MountedFolder : IDisposable
{
    private readonly string _path;

    private MountedFolder(string path) => _path = path;

    public static bool IsPossible { get; } = Try();

    /// <summary>What is in the folder stays there, and cannot be changed until this is disposed of.</summary>
    public static MountedFolder ReadOnly(string path)
    {
        Run("mount", "--bind", path, path);
        Run("mount", "-o", "remount,bind,ro", path);
        return new MountedFolder(path);
    }

    public static MountedFolder Tiny(string path, int kibibytes)
    {
        Directory.CreateDirectory(path);
        Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", path);
        return new MountedFolder(path);
    }

    /// <summary>Writes a file until nothing more fits.</summary>
    public static void Fill(string path)
    {
        using var filler = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                filler.Write(new byte[1024]);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Dispose() => Run("umount", _path);

    private static bool Try()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            return false;
        }

        var folder = Directory.CreateTempSubdirectory("rds-tunnel-mount-");
        try
        {
            ReadOnly(folder.FullName).Dispose();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            folder.Delete();
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
        }
    }
}

/// <summary>A test that mounts something, where that is allowed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute() => Skip = MountedFolder.IsPossible ? null : "Nothing may be mounted here.";
}
