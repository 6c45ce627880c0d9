using RdsTunnel.Databases;

namespace RdsTunnel.Host;

/// <summary>A file with the authorities of AWS's databases, for other programs.</summary>
internal static class AuthorityFile
{
    /// <summary>Written if need be. What the user has named already counts more.</summary>
    public static string Locate()
    {
        if (Environment.GetEnvironmentVariable("PGSSLROOTCERT") is { Length: > 0 } own)
        {
            return own;
        }

        try
        {
            if (StateFolder.Authorities(Environment.GetEnvironmentVariable) is { } path)
            {
                return Write(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A home that cannot be written, as containers have.
        }

        // A folder of this user's alone: whoever could change the file would be believed.
        return Write(Path.Combine(Directory.CreateTempSubdirectory("rds-tunnel-").FullName, "global-bundle.pem"));
    }

    private static string Write(string path)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != RdsAuthorities.Pem)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // Another process may read it at this moment.
            var whole = $"{path}.{Environment.ProcessId}";
            File.WriteAllText(whole, RdsAuthorities.Pem);
            File.Move(whole, path, overwrite: true);
        }

        return path;
    }
}
