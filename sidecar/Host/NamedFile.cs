namespace RdsTunnel.Host;

/// <summary>Reads a small file that a person has named, within a size and a time: a pipe that nobody
/// writes to, or a device without an end, holds nobody up.</summary>
internal static class NamedFile
{
    private const int IsFolder = 21; // EISDIR, as .NET has no exception for it

    /// <summary>A network drive may take a moment to wake up.</summary>
    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(2);

    /// <param name="isUsable">Asked before it is read; null for any.</param>
    /// <returns>Null when it is too long, not usable, or not read in time.</returns>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException"/>
    public static byte[]? Read(string path, int maxBytes, Func<FileStream, bool>? isUsable = null)
    {
        // A read that hangs, or an open, can't be cancelled: its thread ends with the program.
        var reading = new Task<byte[]?>(() => ReadNow(path, maxBytes, isUsable));
        new Thread(() => reading.RunSynchronously(TaskScheduler.Default)) { IsBackground = true, Name = "Files" }.Start();
#pragma warning disable VSTHRD002 // What is waited for runs on a thread outside the pool.
        return Task.WaitAny([reading], ReadTime) < 0 ? null : reading.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    private static byte[]? ReadNow(string path, int maxBytes, Func<FileStream, bool>? isUsable)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"{path} is a folder", IsFolder);
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (isUsable?.Invoke(file) == false)
        {
            return null;
        }

        var bytes = new byte[maxBytes + 1];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length > maxBytes ? null : bytes[..length];
    }
}
