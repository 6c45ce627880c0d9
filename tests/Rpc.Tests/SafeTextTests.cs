using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text.Json;
using RdsTunnel.Faults;

namespace RdsTunnel.Rpc.Tests;

public sealed class SafeTextTests
{
    private const string Secret = "s3cret";

    public static TheoryData<Exception, string> Foreign =>
        new()
        {
            { new SocketException((int)SocketError.ConnectionRefused, Secret), "the connection was refused" },
            { new SocketException((int)SocketError.HostNotFound, Secret), "the host name couldn't be resolved" },
            { new IOException(Secret, new SocketException((int)SocketError.ConnectionReset)), "the connection was reset" },
            {
                new HttpRequestException(HttpRequestError.ProxyTunnelError, Secret, null, HttpStatusCode.BadGateway),
                "the proxy couldn't connect (HTTP 502)"
            },
            {
                new HttpRequestException(HttpRequestError.ProxyTunnelError, Secret, null, HttpStatusCode.ProxyAuthenticationRequired),
                "the proxy requires a user name and password"
            },
            { new HttpRequestException(HttpRequestError.InvalidResponse, Secret), "the response isn't HTTP" },
            {
                new HttpRequestException(HttpRequestError.SecureConnectionError, Secret, new AuthenticationException(Secret)),
                "the TLS handshake failed"
            },
            {
                new WebSocketException(
                    Secret,
                    new HttpRequestException(HttpRequestError.ProxyTunnelError, Secret, null, HttpStatusCode.Forbidden)
                ),
                "the proxy denied the connection (HTTP 403)"
            },
            { new WebSocketException(WebSocketError.ConnectionClosedPrematurely, Secret), "the connection closed unexpectedly" },
            { new TimeoutException(Secret), "it timed out" },
            { new UnauthorizedAccessException(Secret), "permission is denied" },
            { new FileNotFoundException(Secret), "it does not exist" },
            { new InvalidDataException($"Line 3:<aws_secret_access_key {Secret}>"), "unexpected error (InvalidDataException)" },
            { new TypeInitializationException("X", new JsonException(Secret)), "unexpected error (TypeInitializationException)" },
        };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Describe_ForeignException_IsInOurWords(Exception exception, string words)
    {
        Assert.Equal(words, SafeText.Describe(exception));
        Assert.DoesNotContain(
            Secret,
            SafeText.Trace(new AggregateException(Secret, exception, new InvalidOperationException(Secret, exception))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Trace_OfOurs_HasItsWordsAndTheStackOfAll()
    {
        try
        {
            Fail();
        }
        catch (RpcException e)
        {
            var text = SafeText.Trace(e);
            Assert.Contains("RdsTunnel.Rpc.RpcException: What we say", text, StringComparison.Ordinal);
            Assert.Contains(nameof(Fail), text, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        }
    }

    private static void Fail() => throw new RpcException(RpcErrorCode.InternalError, "What we say.");
}
