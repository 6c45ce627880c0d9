using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;

namespace RdsTunnel.Discovery.Memory;

/// <summary>The remembered jump hosts in a file. It is a convenience: whatever is wrong with it is
/// logged once, and nothing fails for it.</summary>
/// <remarks>Not thread-safe. Other processes read and write it too: a reader sees the old file or the new one, whole.</remarks>
internal sealed partial class JumpHostFile(string? path, TimeProvider time, ILogger logger)
{
    /// <summary>More databases than one person opens; the oldest go.</summary>
    public const int MaxEntries = 200;

    private const int MaxFileBytes = 256 * 1024; // of that many entries, with the longest names
    private const int MaxNameChars = 256;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private bool _isBroken;
    private bool _isReadOnly;

    /// <summary>What can be understood of it, the newest first.</summary>
    public IReadOnlyList<JumpHostEntry> Read()
    {
        // Of what is no plain file (a pipe would block), the length is 0.
        if (path is null || new FileInfo(path) is not { Exists: true, Length: > 0 } info)
        {
            return [];
        }

        try
        {
            if (info.Length > MaxFileBytes)
            {
                throw new UnusableFileException("it is too long");
            }

            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersWrite) != 0)
            {
                throw new UnusableFileException("others can write it");
            }

            var lines = JsonSerializer.Deserialize(File.ReadAllBytes(path), JumpHostJson.Default.JumpHostDocument)?.JumpHosts ?? [];
            return [.. lines.Take(MaxEntries).Select(Entry).OfType<JumpHostEntry>().OrderByDescending(entry => entry.At)];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            if (!_isBroken)
            {
                _isBroken = true;
                LogBroken(path, e is JsonException ? "it has unexpected content" : SafeText.Describe(e));
            }

            return [];
        }
    }

    /// <summary>Puts an entry in the place of the one with its key.</summary>
    public void Write(JumpHostEntry entry)
    {
        if (path is null)
        {
            return;
        }

        var others = Read().Where(other => other.Key != entry.Key);
        JumpHostLine[] lines =
        [
            .. (entry.Target is null ? others : others.Prepend(entry))
                .Take(MaxEntries)
                .Select(each => new JumpHostLine(
                    each.Key.Profile,
                    each.Key.Region,
                    each.Key.Host,
                    each.Key.Port,
                    each.Target,
                    each.IsChosen,
                    each.At
                )),
        ];
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            CreateFolder(Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            try
            {
                using (var stream = new FileStream(temporary, options))
                {
                    JsonSerializer.Serialize(stream, new JumpHostDocument(lines), JumpHostJson.Default.JumpHostDocument);
                }

                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isReadOnly)
            {
                _isReadOnly = true;
                LogNotWritten(path, SafeText.Describe(e));
            }
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    // What is dated later than now would stay for ever.
    private JumpHostEntry? Entry(JumpHostLine? line) =>
        line is { Host: { Length: > 0 and <= MaxNameChars } host, Port: > 0 and <= ushort.MaxValue, Target: { } target }
        && line.Profile is null or { Length: <= MaxNameChars }
        && line.Region is null or { Length: <= MaxNameChars }
        && JumpHostTarget.IsOne(target)
            ? new JumpHostEntry(
                new DatabaseKey(line.Profile ?? "", line.Region ?? "", host, line.Port),
                target,
                line.IsChosen,
                line.At < time.GetUtcNow() ? line.At : time.GetUtcNow()
            )
            : null;

    [LoggerMessage(1, LogLevel.Warning, "Ignoring remembered jump hosts in {Path}: {Reason}")]
    private partial void LogBroken(string path, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Remembering jump hosts in memory only; {Path} can't be written: {Reason}")]
    private partial void LogNotWritten(string path, string reason);
}

/// <summary>Why the file is not read: words that go on after "are not read: ", without a full stop.</summary>
internal sealed class UnusableFileException(string message) : IOException(message);
