using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RdsTunnel.Databases.Tests.Support;

/// <summary>An authority that nobody knows but who is told of it, and the certificates of its servers.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _authority;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Test authority {Guid.NewGuid()}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true)
        );
        _authority = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(120));
        Certificates = [X509CertificateLoader.LoadCertificate(_authority.RawData)];
    }

    /// <summary>What trusts it.</summary>
    public X509Certificate2Collection Certificates { get; }

    /// <summary>A server's certificate, with its key.</summary>
    /// <param name="ended">Valid once, and not any more.</param>
    /// <param name="issuerAt">Where the certificate says that its issuer's is.</param>
    public X509Certificate2 Issue(string host, bool ended = false, string? issuerAt = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        if (issuerAt is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuerAt]));
        }

        using var issued = request.Create(
            _authority,
            DateTimeOffset.UnixEpoch.AddYears(50),
            DateTimeOffset.UnixEpoch.AddYears(ended ? 51 : 119),
            RandomNumberGenerator.GetBytes(8)
        );
        using var withKey = issued.CopyWithPrivateKey(key);
        // Through PKCS #12, because Windows' TLS takes no key that exists in memory alone.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }

    public void Dispose()
    {
        _authority.Dispose();
        foreach (var certificate in Certificates)
        {
            certificate.Dispose();
        }
    }
}
