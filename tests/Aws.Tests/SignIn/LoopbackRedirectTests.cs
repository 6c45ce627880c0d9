using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Aws.SignIn;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

public sealed class LoopbackRedirectTests
{
    [Fact]
    public async Task ReceiveCode_BrowserComesBack_IsItsCode()
    {
        using var redirect = LoopbackRedirect.Listen("expected", TimeProvider.System);
        var received = redirect.ReceiveCodeAsync(CancellationToken.None);
        Assert.StartsWith("HTTP/1.1 200 OK", await GetAsync(redirect, "?code=1234&state=expected"), StringComparison.Ordinal);
        Assert.Equal("1234", await received);
    }

    [Theory]
    [InlineData("?code=1234&state=other")]
    [InlineData("?code=1234")]
    [InlineData("")]
    public async Task ReceiveCode_SomebodyElse_ChangesNothing(string query)
    {
        using var redirect = LoopbackRedirect.Listen("expected", TimeProvider.System);
        var received = redirect.ReceiveCodeAsync(CancellationToken.None);
        Assert.StartsWith("HTTP/1.1 404", await GetAsync(redirect, query), StringComparison.Ordinal);
        await GetAsync(redirect, "?code=5678&state=expected");
        Assert.Equal("5678", await received);
    }

    [Fact]
    public async Task ReceiveCode_ManySilentConnections_DoNotKeepTheBrowserOut()
    {
        var time = new FakeTimeProvider();
        using var redirect = LoopbackRedirect.Listen("expected", time);
        var received = redirect.ReceiveCodeAsync(CancellationToken.None);
        var silent = new List<TcpClient>();
        try
        {
            // As many as are served at once. Everybody else has to wait until these time out.
            for (var i = 0; i < 16; i++)
            {
                silent.Add(await ConnectAsync(redirect));
            }

            var sentAway = Task.WhenAll(silent.Select(client => client.GetStream().ReadAsync(new byte[1]).AsTask()));
            while (!sentAway.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(5));
                await Task.Yield();
            }

            Assert.All(await sentAway, read => Assert.Equal(0, read));
            var browser = GetAsync(redirect, "?code=1234&state=expected");
            Assert.StartsWith("HTTP/1.1 200 OK", await browser, StringComparison.Ordinal);
            Assert.Equal("1234", await received);
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    private static async Task<TcpClient> ConnectAsync(LoopbackRedirect redirect)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(redirect.Uri).Port);
        return client;
    }

    private static async Task<string> GetAsync(LoopbackRedirect redirect, string query)
    {
        using var client = await ConnectAsync(redirect);
        var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET {new Uri(redirect.Uri).AbsolutePath}{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        );
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
