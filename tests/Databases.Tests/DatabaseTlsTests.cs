using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RdsTunnel.Databases.Tests.Support;

namespace RdsTunnel.Databases.Tests;

public sealed class DatabaseTlsTests : IDisposable
{
    private const string Host = "orders.abc.eu-west-1.rds.amazonaws.com";

    private readonly TestAuthority _authority = new();

    [Fact]
    public void Chain_OfTheRdsBundle_EndsAtItsRoot_AndAStrangersDoesNot()
    {
        // One of those that are valid for a hundred years.
        var known = RdsAuthorities.All.First(each => each.Subject == each.Issuer && each.NotAfter.Year > 2100);
        Assert.True(TrustedChain.Build(known, sent: null, RdsAuthorities.All, out var chain));
        using (chain)
        {
            Assert.Equal(known.Thumbprint, chain.ChainElements[^1].Certificate.Thumbprint);
        }

        using var authority = new TestAuthority();
        using var stranger = authority.Issue("orders.example");
        Assert.False(TrustedChain.Build(stranger, sent: null, RdsAuthorities.All, out chain));
        chain.Dispose();
        Assert.True(TrustedChain.Build(stranger, sent: null, authority.Certificates, out chain));
        chain.Dispose();
    }

    [Fact]
    public async Task Authenticate_CertificateOfTheHost_Encrypts()
    {
        using var certificate = _authority.Issue(Host);
        var (name, failure) = await AuthenticateAsync(certificate, _authority.Certificates);
        Assert.Null(failure);
        Assert.Equal(Host, name); // it was asked for by SNI
    }

    [Fact]
    public Task Authenticate_CertificateOfAnotherHost_IsRefused() =>
        AssertRefusedAsync(_authority.Issue("reports.abc.eu-west-1.rds.amazonaws.com"), _authority.Certificates, "another host name");

    [Fact]
    public Task Authenticate_CertificateThatHasEnded_IsRefused() =>
        AssertRefusedAsync(_authority.Issue(Host, ended: true), _authority.Certificates, "expired");

    [Fact]
    public async Task Authenticate_CertificateOfSomebodyElse_IsRefused()
    {
        using var somebody = new TestAuthority();
        await AssertRefusedAsync(somebody.Issue(Host), _authority.Certificates, "issuer isn't trusted");
    }

    [Fact]
    public async Task Authenticate_CertificateNamesAnAddress_IsFetchedFromNowhere()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await AssertRefusedAsync(
            _authority.Issue(Host, issuerAt: $"http://{listener.LocalEndpoint}/issuer.cer"),
            [],
            "issuer isn't trusted"
        );
        Assert.False(listener.Pending());
    }

    [Fact]
    public Task Authenticate_NoAuthorities_TrustsTheSystemAlone() => AssertRefusedAsync(_authority.Issue(Host), [], "issuer isn't trusted");

    [Fact]
    public void Credentials_OnceDisposed_AreZeros()
    {
        var credentials = new DatabaseCredentials("app", "pa55wörd");
        var password = credentials.Password;
        Assert.Equal("pa55wörd"u8, password.Span);
        Assert.DoesNotContain("pa55", credentials.ToString(), StringComparison.Ordinal);
        credentials.Dispose();
        Assert.All(password.ToArray(), one => Assert.Equal(0, one));
    }

    public void Dispose() => _authority.Dispose();

    private static async Task AssertRefusedAsync(X509Certificate2 certificate, X509Certificate2Collection authorities, string words)
    {
        using (certificate)
        {
            var (_, failure) = await AuthenticateAsync(certificate, authorities);
            var refused = Assert.IsType<LoginException>(failure);
            Assert.Equal(LoginError.CertificateRefused, refused.Error);
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<(string? Name, Exception? Failure)> AuthenticateAsync(
        X509Certificate2 certificate,
        X509Certificate2Collection authorities
    )
    {
        var (here, there) = await StreamPair.CreateAsync();
        await using var server = new SslStream(there);
        var serving = server.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                // Otherwise it looks for its own issuer.
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            }
        );
        var failure = await Record.ExceptionAsync(async () =>
        {
            await using var tls = await DatabaseTls.AuthenticateAsync(
                here,
                new Login(Host, authorities, null),
                null,
                CancellationToken.None
            );
            await tls.WriteAsync("hello"u8.ToArray());
            await serving;
            var read = new byte[5];
            await server.ReadExactlyAsync(read);
            Assert.Equal("hello"u8, read);
        });
        Assert.True(await Record.ExceptionAsync(() => serving) is null or AuthenticationException or IOException);
        return (server.TargetHostName, failure);
    }
}
