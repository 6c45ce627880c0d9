using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RdsTunnel.Diagnosis;

/// <summary>A TLS handshake that ends when the server's certificate has been looked at, whatever it is.</summary>
internal static class CertificateLook
{
    /// <param name="host">The name that is asked for and compared.</param>
    /// <param name="look">Is shown the certificate, or null where the server sent none.</param>
    /// <returns>False when the handshake failed before there was anything to look at.</returns>
    /// <exception cref="IOException">The connection was lost before.</exception>
    public static async Task<bool> TakeAsync(
        Stream stream,
        string host,
        Action<X509Certificate2?, X509Chain?, SslPolicyErrors> look,
        CancellationToken cancellationToken
    )
    {
        var hasLooked = false;
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = host,
                        CertificateChainPolicy = new X509ChainPolicy
                        {
                            RevocationMode = X509RevocationMode.NoCheck,
                            DisableCertificateDownloads = true,
                        },
                        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                        {
                            look((X509Certificate2?)certificate, chain, errors);
                            hasLooked = true;
                            return false;
                        },
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is AuthenticationException or CryptographicException) { }
        catch (IOException) when (hasLooked)
        {
            // The server has hung up on the refusal.
        }

        return hasLooked;
    }
}
