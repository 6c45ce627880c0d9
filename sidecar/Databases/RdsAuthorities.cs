using System.Security.Cryptography.X509Certificates;

namespace RdsTunnel.Databases;

/// <summary>Whom RDS's, Aurora's and Redshift's certificates come from, in every region: the bundle
/// that the extension also gives to tools.</summary>
public static class RdsAuthorities
{
    private static readonly Lazy<X509Certificate2Collection> Read = new(() =>
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(Pem);
        return certificates;
    });

    /// <summary>The same as text.</summary>
    public static string Pem
    {
        get
        {
            using var bundle = new StreamReader(typeof(RdsAuthorities).Assembly.GetManifestResourceStream("global-bundle.pem")!);
            return bundle.ReadToEnd();
        }
    }

    /// <summary>Do not change it.</summary>
    public static X509Certificate2Collection All => Read.Value;
}
