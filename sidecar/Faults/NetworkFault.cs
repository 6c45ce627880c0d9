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

    private static string? OfOne(Exception e) => e switch
    {
        CertificateRefusedException refused => refused.Words,
        AuthenticationException => "TLS could not be agreed on",
        SocketException socket => OfSocket(socket.SocketErrorCode),
        HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => "the connection was closed before the answer came",
        HttpIOException or HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "the answer is not HTTP",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "the name cannot be resolved",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS could not be agreed on",
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "the connection was closed before the answer came",
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "the answer is too long",
        HttpRequestException => "the connection failed",
        WebSocketException { WebSocketErrorCode: WebSocketError.ConnectionClosedPrematurely } => "the connection was closed without notice",
        WebSocketException { WebSocketErrorCode: WebSocketError.NotAWebSocket } => "the server did not open a websocket",
        WebSocketException => "the websocket failed",
        OperationCanceledException or TimeoutException => "there was no answer in time",
        EndOfStreamException => "the connection ended early",
        _ => null,
    };

    private static string OfProxy(HttpStatusCode? status) => status switch
    {
        HttpStatusCode.ProxyAuthenticationRequired => "the proxy asks for a user name and a password",
        HttpStatusCode.Forbidden => "the proxy does not allow the connection (HTTP 403)",
        { } other => $"the proxy could not make the connection (HTTP {(int)other})",
        null => "the proxy could not make the connection",
    };

    private static string OfSocket(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "the connection was refused",
        SocketError.ConnectionReset => "the connection was reset",
        SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.OperationAborted => "the connection was cut",
        SocketError.TimedOut => "there was no answer in time",
        SocketError.HostNotFound or SocketError.NoData => "the name cannot be resolved",
        SocketError.TryAgain => "the name cannot be resolved now (DNS does not answer)",
        SocketError.NetworkUnreachable or SocketError.NetworkDown => "there is no way to the network",
        SocketError.HostUnreachable or SocketError.HostDown => "there is no way to the host",
        SocketError.AddressAlreadyInUse => "the address is in use",
        SocketError.AddressNotAvailable => "the address is not this machine's",
        SocketError.AccessDenied => "permission denied",
        SocketError.TooManyOpenSockets => "too many files or connections are open",
        _ => $"the connection failed ({error})",
    };
}
