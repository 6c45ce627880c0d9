using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.Local;

/// <summary>A Unix-domain socket under a name by which a database's own tools find it: 0600 in a folder of 0700,
/// or where the operator wants it. The file goes when the socket is disposed.</summary>
internal static class SocketFile
{
    /// <summary>Of a socket's address: 104 bytes on macOS, 108 on Linux, with the zero at its end.</summary>
    private static readonly int MaxPathBytes = OperatingSystem.IsMacOS() ? 103 : 107;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersMay = (UnixFileMode)0b111_111;
    private const UnixFileMode FileOfAll = (UnixFileMode)0b110_110_110;
    private const UnixFileMode FolderOfAll = (UnixFileMode)0b111_101_101;

    /// <summary>The name under which the tools of the database on <paramref name="port"/> look for
    /// a server's port <paramref name="localPort"/>, or one that
    /// says what it is.</summary>
    internal static string NameFor(int port, int localPort) =>
        (
            port switch
            {
                3306 => "mysql.#.sock",
                6379 or 6380 => "redis.#.sock",
                _ => ".s.PGSQL.#",
            }
        ).Replace("#", localPort.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <param name="folder">Null where there is none.</param>
    /// <returns>Bound, and listening.</returns>
    /// <exception cref="TunnelException">There can be none: why, for people.</exception>
    public static Socket Listen(string? folder, int port, int localPort)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new TunnelException(
                TunnelErrorCode.InvalidRequest,
                "A socket file isn't possible on Windows: database tools connect to ports there. Open the tunnel without socket."
            );
        }

        return ListenIn(
            folder ?? throw Denied("there is no folder for it. Set XDG_RUNTIME_DIR to a folder of your own"),
            NameFor(port, localPort)
        );
    }

    [UnsupportedOSPlatform("windows")]
    private static Socket ListenIn(string folder, string name) =>
        Listen(
            Path.Combine(folder, name),
            OwnerOnly,
            "Set XDG_RUNTIME_DIR to a folder with a shorter path",
            () =>
            {
                Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
                if ((File.GetUnixFileMode(folder) & OthersMay) != 0)
                {
                    throw Denied($"other users can access the folder {folder}. Run: chmod 700 '{folder}'");
                }
            }
        );

    /// <summary>A file in a folder whose permissions are the operator's; a folder between the two is made.</summary>
    /// <param name="othersMay">Whoever the folder lets in may connect.</param>
    /// <returns>Bound, and listening.</returns>
    /// <exception cref="TunnelException">There can be none: why, for people.</exception>
    [UnsupportedOSPlatform("windows")]
    public static Socket ListenAt(string path, bool othersMay) =>
        Listen(
            path,
            othersMay ? FileOfAll : OwnerOnly,
            "Choose a folder with a shorter path, or a shorter name",
            () =>
            {
                var folder = Path.GetDirectoryName(path)!;
                if (!Directory.Exists(folder))
                {
                    Directory.CreateDirectory(folder);
                    File.SetUnixFileMode(folder, othersMay ? FolderOfAll : OwnerOnly | UnixFileMode.UserExecute);
                }
            }
        );

    [UnsupportedOSPlatform("windows")]
    private static Socket Listen(string path, UnixFileMode mode, string advice, Action makeFolder)
    {
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
        {
            throw Denied($"its path, {path}, is longer than {MaxPathBytes} bytes, the most that this system allows. {advice}");
        }

        Socket? listener = null;
        try
        {
            listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            makeFolder();
            RemoveStale(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, mode);
            listener.Listen();
            return listener;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            listener?.Dispose();
            throw Denied($"{SafeText.Describe(e)} ({path})", e);
        }
        catch
        {
            listener?.Dispose();
            throw;
        }
    }

    // Whoever holds the port has the file, so it is one that a killed process has left; unless a
    // container with another network shares the folder.
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        // A socket has no length.
        if (new FileInfo(path).Length > 0)
        {
            throw Denied($"{path} is a file that isn't a socket. Choose another folder, or another name for the tunnel");
        }

        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            client.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw Denied($"{path} is in use by another process. Choose another local port");
    }

    private static TunnelException Denied(string why, Exception? cause = null) =>
        new(TunnelErrorCode.LocalPortDenied, $"The tunnel's socket file couldn't be made: {why}.", cause);
}
