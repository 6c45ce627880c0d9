using System.Collections.Concurrent;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.Files;

/// <summary>Reads a small file within a size and a time, whatever is in its place: a pipe that
/// nobody writes to, a device without an end, a network drive that does not answer.
/// Thread-safe.</summary>
/// <remarks>A read that hangs cannot be cancelled, so it gets a thread that nothing else needs.
/// While one hangs, others of the same file fail at once.</remarks>
internal static class BoundedFile
{
    /// <summary>A network drive may take a moment to wake up. Who waits, waits on a thread.</summary>
    public static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(2);

    // As many as there are files that the configuration names.
    private static readonly ConcurrentDictionary<string, Reader> Readers = new(StringComparer.Ordinal);

    /// <returns>Null when there is no such file.</returns>
    /// <exception cref="UnreadableFileException">There is one, but it cannot be read.</exception>
    public static byte[]? Read(string path, int maxBytes) => Readers.GetOrAdd(path, static path => new Reader(path)).Read(maxBytes);

    /// <inheritdoc cref="Read"/>
    public static Task<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken) =>
        OwnThread.RunAsync(() => Read(path, maxBytes)).WaitOrLeaveAsync(cancellationToken);

    /// <summary>A path of the configuration, as an error may name it. One that does not begin at
    /// the root may be what belongs into the file: a token, say.</summary>
    public static string Describe(string path) => Path.IsPathRooted(path) ? path : "(a relative path, hidden because it may be a secret)";

    private sealed class Reader(string path)
    {
        private readonly Lock _gate = new();
        private Task<byte[]?> _reading = Task.FromResult<byte[]?>(null); // guarded by _gate
        private bool _hangs; // guarded by _gate
        private volatile byte[]? _latestOfPipe;

        // One after the other, because two readers of a pipe would share what it gives.
        public byte[]? Read(int maxBytes)
        {
            while (true)
            {
                Task<byte[]?> reading;
                bool isMine,
                    hangs;
                lock (_gate)
                {
                    isMine = _reading.IsCompleted;
                    if (isMine)
                    {
                        _hangs = false;
                        _reading = OwnThread.RunAsync(() => ReadToEnd(maxBytes));
                        _reading.Leave(); // whoever waits for it may give up
                    }

                    (reading, hangs) = (_reading, _hangs);
                }

#pragma warning disable VSTHRD002 // What is waited for runs on a thread outside the pool, and needs no other one.
                if (hangs || !RunningTime.Wait(left => Task.WaitAny([reading], left) >= 0, ReadTime))
                {
                    OnHangs(reading);
                    return _latestOfPipe
                        ?? throw new UnreadableFileException(
                            $"reading it timed out after {ReadTime.TotalSeconds:0} s; it may be a pipe or on an unavailable network drive"
                        );
                }

                if (isMine)
                {
                    return reading.GetAwaiter().GetResult();
                }
#pragma warning restore VSTHRD002
            }
        }

        private void OnHangs(Task reading)
        {
            lock (_gate)
            {
                _hangs |= _reading == reading;
            }
        }

        private byte[]? ReadToEnd(int maxBytes)
        {
            try
            {
                if (Directory.Exists(path))
                {
                    throw new UnreadableFileException("it is a folder");
                }

                using var file = new FileStream(
                    path,
                    new FileStreamOptions
                    {
                        Mode = FileMode.Open,
                        Access = FileAccess.Read,
                        Share = FileShare.ReadWrite | FileShare.Delete,
                        BufferSize = 0,
                    }
                );
                var bytes = ReadToEnd(file, maxBytes);
                if (file.CanSeek)
                {
                    return bytes;
                }

                // A shell's <(…) gives its text once; it is read for each request.
                return bytes.Length == 0 ? _latestOfPipe ?? bytes : _latestOfPipe = bytes;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
            catch (Exception e)
                when (e
                        is (IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
                            and not UnreadableFileException
                )
            {
                throw new UnreadableFileException(
                    e is ArgumentException or NotSupportedException ? "it isn't a file path" : SafeText.Describe(e)
                );
            }
        }

        private static byte[] ReadToEnd(FileStream file, int maxBytes)
        {
            using var bytes = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (file.Read(buffer) is > 0 and var count)
            {
                bytes.Write(buffer, 0, count);
                if (bytes.Length > maxBytes)
                {
                    throw new UnreadableFileException($"it is larger than {maxBytes} bytes");
                }
            }

            return bytes.ToArray();
        }
    }
}

/// <summary>Why a file can't be read: words that go on after "can't be read: ", without a full stop.</summary>
internal sealed class UnreadableFileException(string message) : IOException(message);
