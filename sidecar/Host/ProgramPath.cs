namespace RdsTunnel.Host;

/// <summary>Where a program is that somebody has named, as a shell finds it: along PATH, and
/// nowhere else unless a folder is named.</summary>
internal static class ProgramPath
{
    /// <summary>What a shell's exit code says.</summary>
    public const int NotFound = 127;

    public const int NotExecutable = 126;

    /// <returns>Its path; or null, and the exit code that says why.</returns>
    public static (string? Path, int ExitCode) Find(string name, Func<string, string?> environment)
    {
        // An extension is not typed on Windows.
        var names =
            !OperatingSystem.IsWindows() || Path.HasExtension(name)
                ? [name]
                : (environment("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD")
                    .Split(';', StringSplitOptions.RemoveEmptyEntries)
                    .Select(extension => name + extension);
        var folders =
            name.Contains('/', StringComparison.Ordinal) || name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)
                ? [""]
                : (environment("PATH") ?? "").Split(Path.PathSeparator);
        string[] found =
        [
            .. from folder in folders
            from each in names
            let path = Path.Combine(folder, each)
            where File.Exists(path)
            select Path.GetFullPath(path), // a folder that is relative to one that was deleted has no files
        ];
        return found.FirstOrDefault(IsExecutable) is { } program
            ? (program, 0)
            : (null, found.Length > 0 || IsFolder(name) ? NotExecutable : NotFound);
    }

    // A folder is no program, though a shell finds it by its path.
    private static bool IsFolder(string name) => name.Contains('/', StringComparison.Ordinal) && Directory.Exists(name);

    private static bool IsExecutable(string path) =>
        OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
