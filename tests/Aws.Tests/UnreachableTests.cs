using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RdsTunnel.Aws.Tests.Support;
using RdsTunnel.Faults;
using RdsTunnel.Tests;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class UnreachableTests : SessionFixture
{
    [Fact]
    public async Task StartSession_NothingListens_SaysRefused()
    {
        using var deaf = new DeafPort();
        Assert.Contains("was refused", await FailureAsync($"http://127.0.0.1:{deaf.Port}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartSession_NameDoesNotResolve_SaysSo() =>
        Assert.Contains(
            "Couldn't resolve ssm.nowhere.invalid or the proxy",
            await FailureAsync("https://ssm.nowhere.invalid"),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task StartSession_CertificateIsNotTrusted_SaysSo()
    {
        using var key = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        using var selfSigned = new CertificateRequest(
            "CN=127.0.0.1",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var stub = await ServiceStub.StartAsync(selfSigned);

        var message = await FailureAsync(stub.Url.AbsoluteUri);

        Assert.Contains("No secure connection", message, StringComparison.Ordinal);
        Assert.Contains("the certificate", message, StringComparison.Ordinal);
        Assert.Empty(stub.Requests);
    }

    [Theory]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "proxy requires a user name")]
    [InlineData(
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "proxy blocked the connection to ssm.eu-west-1.amazonaws.com: the proxy denied the connection (HTTP 403)"
    )]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "the proxy couldn't connect (HTTP 502)")]
    [InlineData("garbage\r\n\r\n", "the response isn't HTTP")]
    public async Task StartSession_ProxyRefuses_SaysSoWithoutItsPassword(string answer, string words)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var proxy = AnswerAllAsync(listener, answer, stop.Token);
        Environment["HTTPS_PROXY"] = $"http://jane:s3cr%40t@{listener.LocalEndpoint}";

        var e = await Assert.ThrowsAsync<AwsException>(() =>
            Services.For(new AwsScope(null, ServiceStub.Region)).StartSessionAsync(Request, CancellationToken.None)
        );

        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        foreach (var secret in (string[])["s3cr", "jane", "garbage"])
        {
            Assert.DoesNotContain(secret, SafeText.Trace(e), StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        Assert.All(await proxy, line => Assert.StartsWith("CONNECT ssm.eu-west-1.amazonaws.com:443", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://jane:s3cret@")]
    [InlineData("gopher://jane:s3cret@proxy.example:3128")]
    [InlineData("http://jane:s3cret@proxy.example:s3cret")]
    [InlineData("http://jane:s3cret@a proxy:3128")]
    public async Task StartSession_ProxyIsNone_SaysSoWithoutQuotingIt(string proxy)
    {
        Environment["HTTPS_PROXY"] = proxy;

        var e = await Assert.ThrowsAsync<AwsException>(async () =>
            await Services.For(new AwsScope(null, ServiceStub.Region)).StartSessionAsync(Request, CancellationToken.None)
        );

        Assert.Equal(AwsErrorCode.ConfigurationInvalid, e.Code);
        Assert.Contains("HTTPS_PROXY", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", e.ToString(), StringComparison.Ordinal);
    }

    private async Task<string> FailureAsync(string endpoint)
    {
        var service = Services.For(new AwsScope(null, ServiceStub.Region, new Uri(endpoint)));
        var e = await Assert.ThrowsAsync<AwsException>(() => service.StartSessionAsync(Request, CancellationToken.None));
        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        Assert.True(e.IsTransient);
        return e.Message;
    }

    /// <returns>The first line of each request.</returns>
    private static async Task<IReadOnlyList<string>> AnswerAllAsync(
        TcpListener listener,
        string answer,
        CancellationToken cancellationToken
    )
    {
        var lines = new List<string>();
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(cancellationToken);
                using var reader = new StreamReader(client.GetStream());
                while (await reader.ReadLineAsync(cancellationToken) is { } first)
                {
                    lines.Add(first);
                    while (await reader.ReadLineAsync(cancellationToken) is { Length: > 0 }) { }

                    await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer), cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return lines;
        }
    }
}
