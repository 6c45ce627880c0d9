using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace RdsTunnel.Host.Tests;

public sealed class ServeListenerTests
{
    [Theory]
    [InlineData("GET /readiness HTTP/1.1\r\nHost: localhost:9090", "/readiness", "localhost")]
    [InlineData("GET /readiness?verbose=1 HTTP/1.0\r\nhost:\t127.0.0.1", "/readiness", "127.0.0.1")]
    [InlineData("POST /x HTTP/1.1\r\nHost: [::1]:9090\r\nContent-Length: 0", "/x", "[::1]")]
    public void Parse_Request_IsTakenApart(string head, string path, string host)
    {
        var (request, problem) = ServeRequestHead.Parse(Encoding.ASCII.GetBytes(head));
        Assert.Null(problem);
        Assert.Equal((path, host, false), (request!.Path, request.Host, request.HasOrigin));
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("GET /", 400)]
    [InlineData("GET  / HTTP/1.1\r\nHost: a", 400)]
    [InlineData("GET http://a/ HTTP/1.1\r\nHost: a", 400)]
    [InlineData("GET / HTTP/2.0\r\nHost: a", 505)]
    [InlineData("GET / HTTP/1.1", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost : a", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n folded", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\nX: b", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: \u0001", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1", 413)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", 413)]
    public void Parse_AnythingElse_IsRefused(string head, int status)
    {
        var (request, problem) = ServeRequestHead.Parse(Encoding.ASCII.GetBytes(head));
        Assert.Null(request);
        Assert.Equal(status, problem!.Status);
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "[::1]", true)]
    [InlineData("127.0.0.1", "10.0.0.1", false)]
    [InlineData("127.0.0.1", "attacker.example", false)]
    [InlineData("127.0.0.1", "", false)]
    [InlineData("0.0.0.0", "10.0.0.1", true)]
    [InlineData("0.0.0.0", "tunnels", true)]
    [InlineData("0.0.0.0", "tunnels.shop.svc.cluster.local", true)]
    [InlineData("0.0.0.0", "attacker.example", false)]
    [InlineData("0.0.0.0", "", false)]
    [InlineData("0.0.0.0", "localhost.attacker.example", false)]
    public void Include_Host_IsOneThatNobodyCanRegister(string bound, string host, bool isIncluded) =>
        Assert.Equal(isIncluded, new ServeHosts(IPAddress.Parse(bound)).Include(host));

    [Fact]
    public async Task Listen_MoreConnectionsThanItKeeps_ClosesTheOldestAndAnswers()
    {
        await using var listener = ServeListener.Listen(
            new IPEndPoint(IPAddress.Loopback, 0),
            new Dictionary<string, ServeRoute> { ["/x"] = ServeRoute.Get(request => new ServeAnswer(200, $"{request.IsOwn}")) },
            TimeProvider.System,
            NullLogger<ServeListener>.Instance
        );
        List<TcpClient> silent = [];
        for (var i = 0; i <= ServeListener.MaxConnections; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(listener.Address);
            silent.Add(client);
        }

        Assert.Equal(0, await silent[0].GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Hang.Limit));
        using var http = new HttpClient { BaseAddress = new Uri($"http://{listener.Address}") };
        Assert.Equal("True", await http.GetStringAsync(new Uri("/x", UriKind.Relative)));
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/y", UriKind.Relative))).StatusCode);
        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public void Listen_PortThatIsTaken_SaysSo()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var failure = Assert.Throws<ServeException>(() =>
            ServeListener.Listen(
                (IPEndPoint)taken.LocalEndpoint,
                new Dictionary<string, ServeRoute>(),
                TimeProvider.System,
                NullLogger<ServeListener>.Instance
            )
        );
        Assert.Contains($"{taken.LocalEndpoint}", failure.Message, StringComparison.Ordinal);
    }
}
