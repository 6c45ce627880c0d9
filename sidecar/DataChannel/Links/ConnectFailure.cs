using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.DataChannels.Links;

/// <summary>Says in our own words why a websocket could not be opened: the platform's texts quote a proxy's address, password included.</summary>
internal static class ConnectFailure
{
    /// <param name="status">What the service answered; 0 for nothing.</param>
    public static string Describe(Exception failure, HttpStatusCode status)
    {
        if (status is not (0 or HttpStatusCode.SwitchingProtocols))
        {
            return $"it refused the websocket (HTTP status {(int)status}).";
        }

        return Find<HttpRequestException>(failure) switch
        {
            { HttpRequestError: HttpRequestError.NameResolutionError } => "its name cannot be resolved.",
            { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: { } refusal } => $"the proxy does not lead there (HTTP status {(int)refusal}).",
            { HttpRequestError: HttpRequestError.ProxyTunnelError } => "the proxy does not lead there.",
            { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS failed, most often because its certificate is not trusted here.",
            _ when Find<SocketException>(failure) is { } socket => $"the connection failed ({socket.SocketErrorCode}).",
            { HttpRequestError: not HttpRequestError.Unknown and var error } => $"the connection failed ({error}).",
            _ => $"the connection failed ({failure.GetBaseException().GetType().Name}).",
        };
    }

    private static T? Find<T>(Exception? failure)
        where T : Exception
    {
        while (failure is not null and not T)
        {
            failure = failure.InnerException;
        }

        return (T?)failure;
    }
}
