using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;

namespace RdsTunnel.Faults;

/// <summary>Why a connection failed.</summary>
public static class NetworkFault
{
    /// <summary>A part of a sentence; null when it was no failure of the network.</summary>
    public static string? Describe(Exception exception)
    {
        // The innermost knows best, unless one around it speaks of the proxy.
        string? words = null;
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } refused)
            {
                return OfProxy(refused.StatusCode);
            }

            words = OfOne(e) ?? words;
        }

        return words;
    }

    private static string? OfOne(Exception e) =>
        e switch
        {
            CertificateRefusedException refused => refused.Words,
            AuthenticationException => "the TLS handshake failed",
            SocketException socket => OfSocket(socket.SocketErrorCode),
            HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => "the connection closed before a response",
            HttpIOException or HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "the response isn't HTTP",
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "the host name couldn't be resolved",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "the TLS handshake failed",
            HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "the connection closed before a response",
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "the response is too long",
            HttpRequestException => "the connection failed",
            WebSocketException { WebSocketErrorCode: WebSocketError.ConnectionClosedPrematurely } => "the connection closed unexpectedly",
            WebSocketException { WebSocketErrorCode: WebSocketError.NotAWebSocket } => "the server did not open a websocket",
            WebSocketException => "the websocket failed",
            OperationCanceledException or TimeoutException => "it timed out",
            EndOfStreamException => "the connection ended early",
            _ => null,
        };

    private static string OfProxy(HttpStatusCode? status) =>
        status switch
        {
            HttpStatusCode.ProxyAuthenticationRequired => "the proxy requires a user name and password",
            HttpStatusCode.Forbidden => "the proxy denied the connection (HTTP 403)",
            { } other => $"the proxy couldn't connect (HTTP {(int)other})",
            null => "the proxy couldn't connect",
        };

    private static string OfSocket(SocketError error) =>
        error switch
        {
            SocketError.ConnectionRefused => "the connection was refused",
            SocketError.ConnectionReset => "the connection was reset",
            SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.OperationAborted => "the connection was aborted",
            SocketError.TimedOut => "it timed out",
            SocketError.HostNotFound or SocketError.NoData => "the host name couldn't be resolved",
            SocketError.TryAgain => "DNS isn't responding",
            SocketError.NetworkUnreachable or SocketError.NetworkDown => "the network is unreachable",
            SocketError.HostUnreachable or SocketError.HostDown => "the host is unreachable",
            SocketError.AddressAlreadyInUse => "the address is in use",
            SocketError.AddressNotAvailable => "the address isn't on this computer",
            SocketError.AccessDenied => "permission denied",
            SocketError.TooManyOpenSockets => "too many files or connections are open",
            _ => $"the connection failed ({error})",
        };
}
