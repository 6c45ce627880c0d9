using System.Globalization;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.Local;

/// <summary>A tunnel's own certificate as a file, for tools that verify it. It is gone with the tunnel.</summary>
internal sealed class CertificateFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private CertificateFile(string path) => Path = path;

    public string Path { get; }

    /// <param name="folder">Null where there is none.</param>
    /// <exception cref="TunnelException">It cannot be written: why, for people.</exception>
    public static CertificateFile Write(string? folder, int localPort, string pem)
    {
        var path = System.IO.Path.Combine(
            folder ?? throw Denied("there is no folder for it. Set XDG_RUNTIME_DIR or HOME to a folder of your own"),
            string.Create(CultureInfo.InvariantCulture, $"{localPort}.pem")
        );
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
                options.UnixCreateMode = OwnerOnly;
            }

            // Whoever holds the port has the file, so it is one that a killed process has left.
            File.Delete(path);
            using var file = new StreamWriter(path, options);
            file.Write(pem);
            return new CertificateFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Denied($"{SafeText.Describe(e)} ({path})", e);
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is a certificate without its key: the next tunnel on this port replaces it.
        }
    }

    private static TunnelException Denied(string why, Exception? cause = null) =>
        new(TunnelErrorCode.LocalPortDenied, $"The file with the tunnel's certificate couldn't be written: {why}.", cause);
}
