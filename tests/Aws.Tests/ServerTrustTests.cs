using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RdsTunnel.Aws.Http;
using RdsTunnel.Faults;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class ServerTrustTests : IDisposable
{
    private readonly string _bundle = Path.GetTempFileName();
    private readonly X509Certificate2 _company = Authority("CN=Company");

    public ServerTrustTests() => File.WriteAllText(_bundle, _company.ExportCertificatePem());

    public void Dispose()
    {
        _company.Dispose();
        File.Delete(_bundle);
    }

    [Fact]
    public async Task Accepts_SignedByTheBundle_IsTrusted() => Assert.True(await ConnectAsync(Server(_company, "aws.test")));

    [Fact]
    public async Task Accepts_SignedBySomebodyElse_IsRefused()
    {
        using var stranger = Authority("CN=Company");
        Assert.False(await ConnectAsync(Server(stranger, "aws.test")));
    }

    [Fact]
    public async Task Accepts_AnotherName_IsRefused() => Assert.False(await ConnectAsync(Server(_company, "elsewhere.test")));

    [Fact]
    public async Task Accepts_Expired_IsRefused() => Assert.False(await ConnectAsync(Server(_company, "aws.test", daysLeft: -1)));

    [Fact]
    public async Task Accepts_NotForServers_IsRefused() =>
        Assert.False(await ConnectAsync(Server(_company, "aws.test", use: "1.3.6.1.5.5.7.3.2")));

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")]
    public void With_NoCertificates_NamesTheFile(string content)
    {
        File.WriteAllText(_bundle, content);
        var e = Assert.Throws<AwsException>(() => ServerTrust.With(_bundle));
        Assert.Equal(AwsErrorCode.ConfigurationInvalid, e.Code);
        Assert.Contains(_bundle, e.Message, StringComparison.Ordinal);
    }

    private async Task<bool> ConnectAsync(X509Certificate2 certificate)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await accepting;
        await using var server = new SslStream(accepted.GetStream());
        await using var stream = new SslStream(client.GetStream());
        var serving = server.AuthenticateAsServerAsync(certificate);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "aws.test",
                    RemoteCertificateValidationCallback = ServerTrust.With(_bundle).Accepts,
                }
            );
            await serving;
            return true;
        }
        catch (CertificateRefusedException)
        {
            client.Close();
            await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }
        finally
        {
            certificate.Dispose();
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-10), TimeProvider.System.GetUtcNow().AddDays(10));
    }

    private static X509Certificate2 Server(X509Certificate2 authority, string host, int daysLeft = 5, string use = "1.3.6.1.5.5.7.3.1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        using var issued = request.Create(
            authority,
            TimeProvider.System.GetUtcNow().AddDays(-9),
            TimeProvider.System.GetUtcNow().AddDays(daysLeft),
            [1, 2, 3]
        );
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
