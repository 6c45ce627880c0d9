using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using RdsTunnel.Aws.Files;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.SignIn;

/// <summary>A small JSON file with a secret in it, shared with other programs: read whole or not at
/// all, written so that only its owner can read it.</summary>
internal static partial class OwnerOnlyFile
{
    private const int MaxFileBytes = 64 * 1024;

    /// <summary>More than a token has: where this fits, a renewed one does.</summary>
    private const int ProbeBytes = 16 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderOwnerOnly = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>What a process that was killed has left behind is this old at least.</summary>
    private static readonly TimeSpan LeftBehindAfter = TimeSpan.FromHours(1);

    /// <summary>Null when there is none; what another program has left half written, or wrote otherwise, counts as nothing.</summary>
    public static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return Parse(ReadBytes(path), type);
        }
        catch (UnreadableFileException)
        {
            return null;
        }
    }

    /// <exception cref="UnreadableFileException">It is there, but cannot be read.</exception>
    public static byte[]? ReadBytes(string path) => Path.IsPathRooted(path) ? BoundedFile.Read(path, MaxFileBytes) : null;

    public static T? Parse<T>(byte[]? bytes, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return bytes is null ? null : JsonSerializer.Deserialize(bytes, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whoever reads sees the old file or the new one, whole. The folder is made if there is none.</summary>
    /// <exception cref="AwsException">It cannot be written; then nothing is left of the attempt.</exception>
    public static void Write<T>(string path, T value, JsonTypeInfo<T> type) =>
        Guard(path, () => Replace(path, JsonSerializer.SerializeToUtf8Bytes(value, type)));

    /// <summary>Finds out whether <see cref="Write"/> would succeed, without touching the file.</summary>
    /// <exception cref="AwsException">It would not.</exception>
    public static void RequireWritable(string path) =>
        Guard(
            path,
            () =>
            {
                // A file that must not be changed, or is mounted by itself, cannot be replaced though its folder is writable.
                if (File.Exists(path))
                {
                    using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
                }

                var temporary = WriteTemporary(path, new byte[ProbeBytes]);
                File.Delete(temporary);
            }
        );

    /// <exception cref="AwsException">It is there, and stays.</exception>
    public static void Delete(string path) =>
        Guard(
            path,
            () =>
            {
                if (File.Exists(path))
                {
                    File.Delete(path);
                }
            }
        );

    private static void Guard(string path, Action action)
    {
        try
        {
            if (!Path.IsPathRooted(path))
            {
                throw new UnreadableFileException("there is no home folder");
            }

            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AwsException(AwsErrorCode.ConfigurationInvalid, $"{path} can't be written: {SafeText.Describe(e)}.");
        }
    }

    private static void Replace(string path, byte[] bytes)
    {
        var temporary = WriteTemporary(path, bytes);
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        DeleteLeftBehind(Path.GetDirectoryName(path)!);
    }

    private static string WriteTemporary(string path, byte[] bytes)
    {
        var folder = Path.GetDirectoryName(path)!;
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, FolderOwnerOnly);
            options.UnixCreateMode = OwnerOnly;
        }

        var temporary = $"{path}.rds-tunnel-{Guid.NewGuid():N}";
        try
        {
            using var file = new FileStream(temporary, options);
            file.Write(bytes);
            // A full disk may say so only now; and after a power failure the old file or the new one is there.
            file.Flush(flushToDisk: true);
            return temporary;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // Of this program alone, whose names nobody else gives, and only what no process can be writing any more.
    private static void DeleteLeftBehind(string folder)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*.json.*"))
        {
            if (NameOfOurs().IsMatch(file.Name) && TimeProvider.System.GetUtcNow() - file.LastWriteTimeUtc > LeftBehindAfter)
            {
                file.Delete();
            }
        }
    }

    [GeneratedRegex(@"^[0-9a-f]{40,64}\.json\.(rds-tunnel-)?[0-9a-f]{32}$")]
    private static partial Regex NameOfOurs();
}
