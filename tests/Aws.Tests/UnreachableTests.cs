using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Http;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class UnreachableTests : SessionFixture
{
    [Fact]
    public async Task StartSession_NothingListens_SaysRefused() => Assert.Contains("was refused", await FailureAsync($"http://127.0.0.1:{FreePort()}"), StringComparison.Ordinal);

    [Fact]
    public async Task StartSession_NameDoesNotResolve_SaysSo() =>
        Assert.Contains("ssm.nowhere.invalid (or of the proxy before it) cannot be resolved", await FailureAsync("https://ssm.nowhere.invalid"), StringComparison.Ordinal);

    [Fact]
    public async Task StartSession_CertificateIsNotTrusted_SaysSo()
    {
        using var key = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        using var selfSigned = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var stub = await ServiceStub.StartAsync(selfSigned);

        Assert.Contains("No secure connection", await FailureAsync(stub.Url.AbsoluteUri), StringComparison.Ordinal);
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task StartSession_ProxyWantsAPassword_SaysSo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var proxy = AnswerOnceAsync(listener, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");

        Assert.Contains("proxy asks for a user name", await FailureThroughProxyAsync(listener), StringComparison.Ordinal);
        Assert.StartsWith("CONNECT ssm.eu-west-1.amazonaws.com:443", await proxy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartSession_ProxyRefuses_SaysSo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var proxy = AnswerOnceAsync(listener, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");

        Assert.Contains("proxy does not let a connection through", await FailureThroughProxyAsync(listener), StringComparison.Ordinal);
        await proxy;
    }

    private async Task<string> FailureThroughProxyAsync(TcpListener proxy)
    {
        var settings = new AwsSettings(null, ServiceStub.Region, null, UseFips: false, UseDualStack: false);
        var clients = new HttpClients(useProxy: true, trust: null, TimeSpan.FromSeconds(10), new AwsClock(Time, Logs), new WebProxy($"http://{proxy.LocalEndpoint}"));
        using var service = new SessionService(settings, Services.CredentialsOf(settings), clients, trust: null, Time, Logs);
        var e = await Assert.ThrowsAsync<AwsException>(() => service.StartSessionAsync(Request, CancellationToken.None));
        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        return e.Message;
    }

    private async Task<string> FailureAsync(string endpoint)
    {
        var service = Services.For(new AwsScope(null, ServiceStub.Region, new Uri(endpoint)));
        var e = await Assert.ThrowsAsync<AwsException>(() => service.StartSessionAsync(Request, CancellationToken.None));
        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        Assert.True(e.IsTransient);
        return e.Message;
    }

    private static async Task<string> AnswerOnceAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream());
        var first = await reader.ReadLineAsync();
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
        }

        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer));
        return first!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
