using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RdsTunnel.Faults;

namespace RdsTunnel.Databases;

/// <summary>TLS to a database, whose certificate is verified in full: name, dates, issuer. Nothing turns that off.</summary>
internal static class DatabaseTls
{
    /// <param name="database">Belongs to the returned stream.</param>
    /// <param name="protocol">What is negotiated by ALPN; null for nothing.</param>
    /// <exception cref="LoginException">The certificate is refused, or there is no TLS to be had.</exception>
    /// <exception cref="IOException">The connection broke off.</exception>
    public static async Task<SslStream> AuthenticateAsync(
        Stream database,
        Login login,
        SslApplicationProtocol? protocol,
        CancellationToken cancellationToken
    )
    {
        CertificateRefusedException? refusal = null;
        var tls = new SslStream(database, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = login.Host,
                        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                        ApplicationProtocols = protocol is { } one ? [one] : null,
                        CertificateChainPolicy = TrustedChain.Policy,
                        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                        {
                            refusal = Refusal(login.Authorities, certificate as X509Certificate2, chain, errors);
                            return refusal is null;
                        },
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            return tls;
        }
        catch (Exception e)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw e switch
            {
                _ when refusal is not null => new LoginException(
                    LoginError.CertificateRefused,
                    $"The connection to the database isn't secure, so it was closed: {refusal.Words}. {Advice(login, refusal)}",
                    refusal
                ),
                AuthenticationException => new LoginException(
                    LoginError.NoTls,
                    "The TLS handshake with the database failed. It must support TLS 1.2 or later.",
                    e
                ),
                _ => e,
            };
        }
    }

    private static string Advice(Login login, CertificateRefusedException refusal) =>
        refusal.IsOfUnknownAuthority
            ? "The tunnel may lead to something else than the database. If its certificate is your own, add its issuer to ca_bundle of the AWS profile."
            : $"The tunnel's host is {login.Host}; it must be the database's own endpoint.";

    // Null when it is accepted.
    private static CertificateRefusedException? Refusal(
        X509Certificate2Collection authorities,
        X509Certificate2? server,
        X509Chain? chain,
        SslPolicyErrors errors
    )
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        // A name that is not the database's is refused, whoever has signed it.
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || server is null || authorities.Count == 0)
        {
            return CertificateRefusedException.For(errors, chain);
        }

        var isTrusted = TrustedChain.Build(server, chain, authorities, out var own);
        using (own)
        {
            return isTrusted ? null : CertificateRefusedException.For(errors, own);
        }
    }
}
