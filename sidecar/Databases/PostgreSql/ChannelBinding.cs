using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>What binds an authentication to the TLS connection: <c>tls-server-end-point</c> of RFC 5929.</summary>
internal static class ChannelBinding
{
    /// <summary>The hash of the certificate, by the algorithm of its own signature; SHA-256 in
    /// place of those that are too weak. Null where none is defined.</summary>
    public static byte[]? EndPoint(X509Certificate? server) =>
        server is not X509Certificate2 certificate
            ? null
            : certificate.SignatureAlgorithm.Value switch
            {
                "1.2.840.113549.1.1.4"
                or "1.2.840.113549.1.1.5"
                or "1.2.840.10045.4.1" // MD5, SHA-1
                or "1.2.840.113549.1.1.11"
                or "1.2.840.10045.4.3.2" => SHA256.HashData(certificate.RawData),
                "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
                "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
                _ => null,
            };
}
