using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RdsTunnel.Aws.Files;

namespace RdsTunnel.Aws.SignIn;

/// <summary>A small JSON file with a secret in it, shared with other programs: read whole or not at all, written so that only its owner can read it.</summary>
internal static class OwnerOnlyFile
{
    private const int MaxFileBytes = 64 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderOwnerOnly = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Null when there is none; what another program has left half written, or wrote otherwise, is as good as nothing.</summary>
    public static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return BoundedFile.Read(path, MaxFileBytes) is { } bytes ? JsonSerializer.Deserialize(bytes, type) : null;
        }
        catch (Exception e) when (e is JsonException or UnreadableFileException)
        {
            return null;
        }
    }

    /// <summary>Whoever reads sees the old file or the new one, whole. The folder is made if there is none.</summary>
    /// <exception cref="AwsException">It cannot be written.</exception>
    public static void Write<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, FolderOwnerOnly);
                options.UnixCreateMode = OwnerOnly;
            }

            var temporary = $"{path}.{Guid.NewGuid():N}";
            using (var file = new FileStream(temporary, options))
            {
                JsonSerializer.Serialize(file, value, type);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AwsException(AwsErrorCode.ConfigurationInvalid, $"The sign-in cannot be kept in {folder}: {e.Message}", e);
        }
    }
}
