using RdsTunnel.Databases;

namespace RdsTunnel.Programs;

/// <summary>A file with the authorities of AWS's databases, for other programs.</summary>
/// <param name="path">Where it belongs; null when there is no place.</param>
public sealed class AuthorityFile(string? path, Func<string, string?> environment)
{
    // A folder of this user's alone: whoever could change the file would be believed.
    private readonly Lazy<string> _otherwise = new(() =>
        Path.Combine(Directory.CreateTempSubdirectory("rds-tunnel-").FullName, "global-bundle.pem")
    );

    /// <summary>Written if need be. What the user has named already counts more.</summary>
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

        return Write(_otherwise.Value);
    }

    private static string Write(string path)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != RdsAuthorities.Pem)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // Others may read it at this moment, or write it.
            var whole = $"{path}.{Path.GetRandomFileName()}";
            File.WriteAllText(whole, RdsAuthorities.Pem);
            File.Move(whole, path, overwrite: true);
        }

        return path;
    }
}
