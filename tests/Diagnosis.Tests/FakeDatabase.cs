using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RdsTunnel.Diagnosis.Tests;

/// <summary>A server that says a database's first words, and then speaks real TLS.</summary>
internal sealed class FakeDatabase : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<NetworkStream, Task<bool>> _greet;
    private readonly X509Certificate2 _certificate;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    /// <param name="greet">True when TLS begins.</param>
    public FakeDatabase(Func<NetworkStream, Task<bool>> greet, X509Certificate2? certificate = null)
    {
        _greet = greet;
        _certificate = certificate ?? CertificateFor(Chain.Host);
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public static X509Certificate2 CertificateFor(string host, int daysLeft = 30)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-60), now.AddDays(daysLeft));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    /// <param name="name">The subject's, which is the issuer's.</param>
    /// <param name="alternativeNames">The extension's bytes; null for none.</param>
    public static X509Certificate2 CertificateWith(string name, byte[]? alternativeNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        if (alternativeNames is not null)
        {
            request.CertificateExtensions.Add(new X509Extension("2.5.29.17", alternativeNames, critical: false));
        }

        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-60), now.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    public static Func<NetworkStream, Task<bool>> PostgreSql(char answer) =>
        async stream =>
        {
            var request = new byte[8];
            await stream.ReadExactlyAsync(request);
            Assert.Equal([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f], request);
            await stream.WriteAsync(new[] { (byte)answer });
            return answer == 'S';
        };

    public static Func<NetworkStream, Task<bool>> MySql(bool offersTls) =>
        async stream =>
        {
            byte[] greeting =
            [
                10,
                .. "8.0.39"u8,
                0,
                1,
                0,
                0,
                0,
                1,
                2,
                3,
                4,
                5,
                6,
                7,
                8,
                0,
                0xff,
                offersTls ? (byte)0xff : (byte)0xf7,
                45,
                2,
                0,
                0xff,
                0xc1,
                21,
                .. new byte[10],
                .. new byte[13],
            ];
            await stream.WriteAsync((byte[])[(byte)greeting.Length, 0, 0, 0, .. greeting]);
            var request = new byte[36];
            await stream.ReadExactlyAsync(request);
            return request[0] == 32 && request[3] == 1 && (request[5] & 0x08) != 0;
        };

    public static Task<bool> TlsAtOnce(NetworkStream stream) => Task.FromResult(true);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _certificate.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var socket = await _listener.AcceptTcpClientAsync(_stop.Token);
            try
            {
                if (await _greet(socket.GetStream()))
                {
                    await using var tls = new SslStream(socket.GetStream());
                    await tls.AuthenticateAsServerAsync(
                        new SslServerAuthenticationOptions { ServerCertificate = _certificate },
                        _stop.Token
                    );
                    _ = await tls.ReadAsync(new byte[1], _stop.Token);
                }
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client has seen enough.
            }
        }
    }
}
