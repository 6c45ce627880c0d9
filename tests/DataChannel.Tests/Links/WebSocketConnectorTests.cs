using System.Net;
using System.Net.Sockets;
using System.Text;
using RdsTunnel.DataChannels.Links;

namespace RdsTunnel.DataChannels.Tests.Links;

/// <summary>What goes out when a websocket is opened, seen by a plain socket.</summary>
public sealed class WebSocketConnectorTests : IDisposable
{
    private static readonly KeyValuePair<string, string>[] Signature =
    [
        new("X-Amz-Date", "20261128T030000Z"),
        new("X-Amz-Security-Token", "IQoJ//////wE+aDg=="),
        new(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=AKID/20261128/eu-central-1/ssmmessages/aws4_request, SignedHeaders=host;x-amz-date, Signature=0a1b"
        ),
    ];

    private readonly TcpListener _gateway = new(IPAddress.Loopback, 0);

    public WebSocketConnectorTests() => _gateway.Start();

    public void Dispose() => _gateway.Dispose();

    [Theory]
    [InlineData("/v1/data-channel/user-0a1b?role=publish_subscribe")]
    [InlineData("/v1/data-channel/jane.doe+dev@example.com-0a1b?role=publish_subscribe&cell-number=AAEAAXxZ+k/N0oRkQ2b+/w==")]
    [InlineData("/v1/data-channel/user-0a1b?cell-number=AAEA%2Bk%2f%7e%3d&role=publish_subscribe")]
    [InlineData("/v1/../data-channel/./user;a=1,b!c$d&e'(f)*?x=/?:@")]
    public async Task Connect_TheAddress_GoesOutByteForByte(string target)
    {
        var request = await RequestOfAsync(target, Signature);

        Assert.Equal($"GET {target} HTTP/1.1", request[0]);
        Assert.Contains($"Host: {_gateway.LocalEndpoint}", request);
        foreach (var (name, value) in Signature)
        {
            Assert.Contains($"{name}: {value}", request);
        }
    }

    [Fact]
    public async Task Connect_WithoutASignature_SendsNone()
    {
        var request = await RequestOfAsync("/v1/data-channel/user-0a1b?role=publish_subscribe", null);

        Assert.DoesNotContain(
            request,
            line =>
                line.StartsWith("Authorization", StringComparison.OrdinalIgnoreCase)
                || line.StartsWith("X-Amz", StringComparison.OrdinalIgnoreCase)
        );
    }

    [Theory]
    [InlineData("400 Bad Request", "UpgradeRefused", "it refused the websocket (HTTP 400)")]
    [InlineData("401 Unauthorized", "Forbidden", "(HTTP 401)")]
    [InlineData("403 Forbidden", "Forbidden", "(HTTP 403)")]
    [InlineData("404 Not Found", "UpgradeRefused", "the session is unknown there (HTTP 404)")]
    [InlineData("410 Gone", "UpgradeRefused", "the session is unknown there (HTTP 410)")]
    [InlineData("426 Upgrade Required", "UpgradeRefused", "it requires a newer protocol (HTTP 426)")]
    [InlineData("429 Too Many Requests", "Lost", "it is too busy (HTTP 429)")]
    [InlineData("500 Internal Server Error", "Lost", "it reported an internal error (HTTP 500)")]
    [InlineData("503 Service Unavailable", "Lost", "it is too busy (HTTP 503)")]
    [InlineData("200 OK", "UpgradeRefused", "a network sign-in page may be in the way (HTTP 200)")]
    [InlineData("301 Moved Permanently", "UpgradeRefused", "a network sign-in page may be in the way (HTTP 301)")]
    [InlineData("302 Found", "UpgradeRefused", "a network sign-in page may be in the way (HTTP 302)")]
    [InlineData("307 Temporary Redirect", "UpgradeRefused", "a network sign-in page may be in the way (HTTP 307)")]
    [InlineData("308 Permanent Redirect", "UpgradeRefused", "a network sign-in page may be in the way (HTTP 308)")]
    public async Task Connect_TheServiceRefuses_SaysWhatThatMeans(string status, string fault, string said)
    {
        var connecting = ConnectAsync(new DataChannelOptions(), "/x", Signature);
        using var socket = await _gateway.AcceptSocketAsync();
        await ReadRequestAsync(socket);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nLocation: http://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n")
        );

        var failure = await Assert.ThrowsAsync<LinkException>(() => connecting);
        Assert.Equal(fault, failure.Fault.ToString());
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 101 Switch")]
    public async Task Connect_CutBeforeTheAnswer_MayBeTriedAgain(string answer)
    {
        var connecting = ConnectAsync(new DataChannelOptions(), "/x", Signature);
        using var socket = await _gateway.AcceptSocketAsync();
        await ReadRequestAsync(socket);
        await socket.SendAsync(Encoding.ASCII.GetBytes(answer));
        socket.Close(0);

        Assert.Equal(LinkFault.Lost, (await Assert.ThrowsAsync<LinkException>(() => connecting)).Fault);
    }

    // A proxy's refusal says nothing about the signature.
    [Fact]
    public async Task Connect_AProxyRefuses_IsNotTheServicesWord()
    {
        var options = new DataChannelOptions { Proxy = new WebProxy($"http://jane:hunter2@{_gateway.LocalEndpoint}") };
        var connector = new WebSocketConnector(options);
        var connecting = connector.ConnectAsync(
            new DataChannelAccess(new Uri("wss://gateway.invalid/x"), "token"),
            Signature,
            CancellationToken.None
        );
        using var socket = await _gateway.AcceptSocketAsync();
        Assert.Equal("CONNECT gateway.invalid:443 HTTP/1.1", (await ReadRequestAsync(socket))[0]);
        await socket.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"u8.ToArray());

        var failure = await Assert.ThrowsAsync<LinkException>(() => connecting);
        Assert.Equal(LinkFault.Unreachable, failure.Fault);
        Assert.StartsWith(
            "Couldn't reach gateway.invalid: the proxy denied the connection (HTTP 403).",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NobodyListens_SaysSo()
    {
        var connecting = ConnectAsync(new DataChannelOptions(), "/x", null, port: 1);

        var failure = await Assert.ThrowsAsync<LinkException>(() => connecting);
        Assert.Equal((LinkFault.Unreachable, "Couldn't reach 127.0.0.1: the connection was refused."), (failure.Fault, failure.Message));
    }

    private async Task<string[]> RequestOfAsync(string target, KeyValuePair<string, string>[]? signature)
    {
        var connecting = ConnectAsync(new DataChannelOptions(), target, signature);
        using var socket = await _gateway.AcceptSocketAsync();
        var request = await ReadRequestAsync(socket);
        socket.Close(0);
        await Assert.ThrowsAsync<LinkException>(() => connecting);
        return request;
    }

    private Task<IDataChannelLink> ConnectAsync(
        DataChannelOptions options,
        string target,
        KeyValuePair<string, string>[]? signature,
        int? port = null
    )
    {
        Assert.True(
            Uri.TryCreate(
                $"ws://{(port is null ? _gateway.LocalEndpoint : $"127.0.0.1:{port}")}{target}",
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true },
                out var url
            )
        );
        return new WebSocketConnector(options).ConnectAsync(new DataChannelAccess(url, "token"), signature, CancellationToken.None);
    }

    private static async Task<string[]> ReadRequestAsync(Socket socket)
    {
        var bytes = new byte[8192];
        var count = 0;
        while (!Encoding.ASCII.GetString(bytes, 0, count).EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var received = await socket.ReceiveAsync(bytes.AsMemory(count));
            Assert.NotEqual(0, received);
            count += received;
        }

        return Encoding.ASCII.GetString(bytes, 0, count).Split("\r\n");
    }
}
