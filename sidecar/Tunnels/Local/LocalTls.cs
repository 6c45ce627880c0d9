using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RdsTunnel.Databases;
using RdsTunnel.Databases.PostgreSql;

namespace RdsTunnel.Tunnels.Local;

/// <summary>TLS on a tunnel's own port, for tools that insist on it. Certificate and key are made for one tunnel, and the
/// key is written nowhere by us.</summary>
internal sealed class LocalTls : IDisposable
{
    /// <summary>As long as browsers accept one; a tunnel is closed before.</summary>
    private static readonly TimeSpan Validity = TimeSpan.FromDays(397);

    /// <summary>A clock that is behind.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromDays(1);

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly X509Certificate2 _certificate;
    private readonly SslServerAuthenticationOptions _options;

    public LocalTls(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=RDS Tunnel on this computer", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        // It can vouch for nothing but itself, so that trusting it gives nobody power over other names.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerAuthentication], critical: false));
        var now = time.GetUtcNow();
        var made = request.CreateSelfSigned(now - Leeway, now + Validity);
        if (OperatingSystem.IsLinux())
        {
            _certificate = made;
        }
        else
        {
            // The systems' own TLS takes no key that exists in memory alone: they keep it while it is used.
            using (made)
            {
                _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null);
            }
        }

        _options = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(_certificate, additionalCertificates: null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            // A tool that names a protocol means the database's; a browser names others, and is refused.
            ApplicationProtocols = [PostgreSqlEngine.Protocol],
        };
    }

    /// <summary>What a tool has to trust, if it verifies.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <param name="tool">It stays open.</param>
    /// <exception cref="LoginException">The tool does not want this certificate.</exception>
    /// <exception cref="ToolGoneException">It has closed its connection.</exception>
    public async Task<SslStream> StartAsync(Stream tool, CancellationToken cancellationToken)
    {
        var tls = new SslStream(tool, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsServerAsync(_options, cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch (Exception e)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw e switch
            {
                AuthenticationException => new LoginException(
                    LoginError.ToolUnsupported,
                    "A program ended the TLS handshake on the local port. If it verifies certificates, let it trust the tunnel's own, whose file the tunnel's details name, and connect to 127.0.0.1 or localhost.",
                    e
                ),
                IOException => new ToolGoneException(),
                _ => e,
            };
        }
    }

    public void Dispose() => _certificate.Dispose();
}
