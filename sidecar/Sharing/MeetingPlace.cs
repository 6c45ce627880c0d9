using System.Globalization;
using System.IO.Pipes;
using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Sharing;

/// <summary>Where the sidecars of a user meet: a pipe for each port that one of them holds. The
/// port itself is the lock: only its holder makes the pipe of that name,
/// in the place of one that a killed process has left. Only the same user gets through, on either side.</summary>
/// <remarks>On Unix the pipe is a socket (0600) in a folder (0700) of this machine's alone:
/// containers and WSL distributions have folders of their own.</remarks>
public sealed class MeetingPlace
{
    /// <summary>Nobody has more windows open on the same database.</summary>
    private const int MaxPeers = 64;

    /// <summary>Of a socket's address: 104 bytes on macOS, 108 on Linux, with the zero at its end.</summary>
    private const int MaxPathBytes = 103;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersMay = (UnixFileMode)0b111_111;

    private readonly string _folder;
    private readonly string _prefix;

    private MeetingPlace(string folder, string prefix) => (_folder, _prefix) = (folder, prefix);

    /// <param name="root">A folder of the user's; on Windows, where names are the whole machine's, only its text counts.</param>
    /// <exception cref="IOException">There can be none: why, for people.</exception>
    public static MeetingPlace In(string root)
    {
        if (OperatingSystem.IsWindows())
        {
            return new(@"\\.\pipe\", $"rds-tunnel-{Digest($"{Environment.UserDomainName}\\{Environment.UserName} {root}")}-");
        }

        var folder = Path.Combine(root, "rds-tunnel", $"windows-{Digest(Machine())}");
        if (Encoding.UTF8.GetByteCount(Path.Combine(folder, "65535")) > MaxPathBytes)
        {
            throw new IOException($"the path {folder} is too long for a socket");
        }

        try
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            return (File.GetUnixFileMode(folder) & OthersMay) == 0
                ? new(folder, "")
                : throw new IOException($"other users can access the folder {folder}");
        }
        catch (UnauthorizedAccessException)
        {
            throw new IOException($"the folder {folder} can't be created");
        }
    }

    /// <summary>Ports that somebody has held; not all of them need to be held now.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    internal IReadOnlyList<int> Ports() =>
        [
            .. Directory
                .EnumerateFiles(_folder, $"{_prefix}*")
                .Select(path => Path.GetFileName(path)[_prefix.Length..])
                .SelectMany(name =>
                    int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? [port] : Array.Empty<int>()
                )
                .Order(),
        ];

    /// <summary>For the one who holds the port.</summary>
    /// <exception cref="IOException">It cannot be made now.</exception>
    /// <exception cref="UnauthorizedAccessException">Another user has a pipe of that name.</exception>
    internal NamedPipeServerStream Listen(int port)
    {
        var pipe = new NamedPipeServerStream(
            NameOf(port),
            PipeDirection.InOut,
            MaxPeers,
            PipeTransmissionMode.Byte,
            PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(NameOf(port), OwnerOnly);
        }

        return pipe;
    }

    /// <returns>Null when nobody is there, or somebody who is not this user.</returns>
    internal async Task<Stream?> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var pipe = new NamedPipeClientStream(
            ".",
            NameOf(port),
            PipeDirection.InOut,
            PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly
        );
        try
        {
            await pipe.ConnectAsync(0, cancellationToken).ConfigureAwait(false);
            return pipe;
        }
        catch (Exception e)
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            if (e is TimeoutException or IOException or UnauthorizedAccessException)
            {
                return null;
            }

            throw;
        }
    }

    private string NameOf(int port)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{port}");
        return OperatingSystem.IsWindows() ? name : Path.Combine(_folder, name);
    }

    // Ports are a network namespace's, files a mount namespace's; both are numbered anew with each start of the system.
    private static string Machine() =>
        OperatingSystem.IsLinux()
            ? string.Join(' ', TextOf("/proc/sys/kernel/random/boot_id"), LinkOf("/proc/self/ns/net"), LinkOf("/proc/self/ns/mnt"))
            : Environment.MachineName;

    private static string TextOf(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    private static string? LinkOf(string path) => new FileInfo(path).LinkTarget;

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
