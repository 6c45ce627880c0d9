using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RdsTunnel.Databases;

/// <summary>The chain from a server's certificate to one of some authorities, whatever the system trusts.</summary>
public static class TrustedChain
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>What a certificate is judged by. Nothing is fetched from where it says, before anybody knows whose it is.</summary>
    public static X509ChainPolicy Policy =>
        new()
        {
            RevocationMode = X509RevocationMode.NoCheck, // RDS's authorities publish no list
            DisableCertificateDownloads = true,
            ApplicationPolicy = { ServerAuthentication },
        };

    /// <param name="sent">What came with the certificate.</param>
    /// <param name="chain">For the caller to dispose. Its last element is the authority, if it is whole.</param>
    /// <returns>Whether it is whole and valid; the name on the certificate isn't looked at.</returns>
    public static bool Build(X509Certificate2 server, X509Chain? sent, X509Certificate2Collection authorities, out X509Chain chain)
    {
        chain = new X509Chain { ChainPolicy = Policy };
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(server);
    }
}
