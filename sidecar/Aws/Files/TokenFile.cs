using System.Text;

namespace RdsTunnel.Aws.Files;

/// <summary>A file in which somebody leaves a token for us: Kubernetes, say.</summary>
internal static class TokenFile
{
    /// <summary>STS takes a token of 20,000 characters.</summary>
    private const int MaxBytes = 64 * 1024;

    /// <exception cref="UnreadableFileException">It is missing, or cannot be read.</exception>
    public static async Task<string> ReadAsync(string path) =>
        await BoundedFile.ReadAsync(path, MaxBytes, CancellationToken.None).ConfigureAwait(false) is { } bytes
            ? Encoding.UTF8.GetString(bytes)
            : throw new UnreadableFileException("it does not exist");
}
