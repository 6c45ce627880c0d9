using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Sharing;

/// <summary>Who shares.</summary>
/// <param name="Version">Of this program, for people.</param>
/// <param name="Environment">Only those with the same one share.</param>
public sealed record SharingIdentity(string Version, string Environment)
{
    private static readonly string[] Names = ["HOME", "USERPROFILE", "XDG_STATE_HOME", "LOCALAPPDATA", "SSL_CERT_FILE", "SSL_CERT_DIR"];

    /// <summary>A digest of what decides on credentials, network and memory: <c>AWS_*</c>,
    /// <c>RDS_TUNNEL_*</c>, proxies, authorities, and where files are.</summary>
    public static string Digest(IEnumerable<KeyValuePair<string, string>> environment)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in environment.Where(each => Counts(each.Key)).OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name.Length} {value.Length} {name}={value}"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool Counts(string name) =>
        name.StartsWith("AWS_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("RDS_TUNNEL_", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase)
        || Names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
