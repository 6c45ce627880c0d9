using System.Text;
using RdsTunnel.Databases;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Programs;

/// <summary>A file with the authorities of AWS's databases, for other programs.</summary>
/// <param name="path">Where it belongs; null when there is no place.</param>
public sealed class AuthorityFile(string? path, Func<string, string?> environment)
{
    // A folder of this user's alone: whoever could change the file would be believed.
    private readonly Lazy<string> _otherwise = new(
        () => Path.Combine(Directory.CreateTempSubdirectory("rds-tunnel-").FullName, "global-bundle.pem"),
        LazyThreadSafetyMode.PublicationOnly // a disk that is full may have room later
    );

    /// <summary>Written if need be. What the user has named already counts more.</summary>
    /// <exception cref="TunnelException">It can be written nowhere.</exception>
    public string Locate()
    {
        if (environment("PGSSLROOTCERT") is { Length: > 0 } own)
        {
            return own;
        }

        try
        {
            if (path is not null)
            {
                return Write(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A home that cannot be written, as containers have.
        }

        try
        {
            return Write(_otherwise.Value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TunnelException(
                TunnelErrorCode.ConfigurationInvalid,
                "The file with the certificate authorities of AWS's databases can't be written. Check that the disk isn't full, or set XDG_STATE_HOME to a folder of your own.",
                e
            );
        }
    }

    private static string Write(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(RdsAuthorities.Pem);
        if (Says(path, bytes))
        {
            return path;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Others may read it at this moment, or write it.
        var whole = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            File.WriteAllBytes(whole, bytes);
            File.Move(whole, path, overwrite: true);
        }
        finally
        {
            File.Delete(whole); // what a full disk has left of it
        }

        return path;
    }

    // Something else may be in its place: of a pipe or a device, which may have no end, the length is 0.
    private static bool Says(string path, byte[] bytes) =>
        new FileInfo(path) is { Exists: true, LinkTarget: null } file
        && file.Length == bytes.Length
        && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes);
}
