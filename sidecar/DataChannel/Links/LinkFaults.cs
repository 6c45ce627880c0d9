using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using RdsTunnel.Faults;

namespace RdsTunnel.DataChannels.Links;

/// <summary>What the end of a websocket, or the answer to its upgrade, means.</summary>
internal static class LinkFaults
{
    /// <summary>The service closed the websocket.</summary>
    /// <param name="token">Never repeated.</param>
    public static LinkException OfClose(WebSocketCloseStatus? status, string? description, string token)
    {
        var said = ForeignText.Quote(description, [token]);
        var fault = status switch
        {
            WebSocketCloseStatus.ProtocolError
            or WebSocketCloseStatus.InvalidMessageType
            or WebSocketCloseStatus.InvalidPayloadData
            or WebSocketCloseStatus.MessageTooBig
            or WebSocketCloseStatus.MandatoryExtension => LinkFault.Refused,
            WebSocketCloseStatus.PolicyViolation => IsAboutTheVersion(said) ? LinkFault.VersionRefused : LinkFault.Refused,
            _ => LinkFault.Lost,
        };
        var code = status is null or WebSocketCloseStatus.Empty ? "without a code" : $"code {(int)status}{NameOf((int)status)}";
        return new LinkException(
            $"The service closed the websocket ({code})" + (said.Length == 0 ? "." : $" and said: \"{said.TrimEnd('.')}\".")
        )
        {
            Fault = fault,
        };
    }

    /// <summary>The service, or something in between, answered the upgrade with another status than 101.</summary>
    public static LinkException OfUpgrade(string host, HttpStatusCode status)
    {
        var fault = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => LinkFault.Forbidden,
            HttpStatusCode.RequestTimeout
            or HttpStatusCode.TooManyRequests
            or (HttpStatusCode)425
            or >= HttpStatusCode.InternalServerError => LinkFault.Lost,
            _ => LinkFault.UpgradeRefused,
        };
        var why = status switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => "the session is unknown there",
            HttpStatusCode.UpgradeRequired => "it requires a newer protocol",
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 or HttpStatusCode.ServiceUnavailable =>
                "it is too busy",
            >= HttpStatusCode.InternalServerError => "it reported an internal error",
            >= HttpStatusCode.OK and < HttpStatusCode.BadRequest =>
                "no websocket was opened; a proxy or a network sign-in page may be in the way",
            _ => "it refused the websocket",
        };
        return new LinkException($"Couldn't reach {host}: {why} (HTTP {(int)status}).") { Fault = fault };
    }

    /// <summary>There was no answer to the upgrade. The exception goes no further: it may quote a proxy.</summary>
    public static LinkException OfConnect(string host, Exception failure) =>
        new($"Couldn't reach {host}: {SafeText.Describe(failure)}.")
        {
            Fault = IsPassing(failure) ? LinkFault.Lost : LinkFault.Unreachable,
        };

    /// <summary>The websocket broke.</summary>
    public static LinkException OfUse(Exception failure) =>
        new($"The websocket failed: {SafeText.Describe(failure)}.", failure) { Fault = LinkFault.Cut };

    // Cut in the middle, where a moment later it may be well; not what a person has to mend.
    private static bool IsPassing(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case CertificateRefusedException or HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError }:
                    return false;
                case SocketException
                {
                    SocketErrorCode: SocketError.ConnectionReset
                        or SocketError.ConnectionAborted
                        or SocketError.Shutdown
                        or SocketError.TryAgain
                }:
                case HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }:
                case WebSocketException { WebSocketErrorCode: WebSocketError.ConnectionClosedPrematurely }:
                    return true;
            }
        }

        return false;
    }

    private static bool IsAboutTheVersion(string said) =>
        said.Contains("version", StringComparison.OrdinalIgnoreCase)
        || said.Contains("upgrade", StringComparison.OrdinalIgnoreCase)
        || said.Contains("update", StringComparison.OrdinalIgnoreCase);

    private static string NameOf(int code) =>
        code switch
        {
            1000 => ", normal closure",
            1001 => ", going away",
            1002 => ", protocol error",
            1003 => ", unsupported data",
            1006 => ", closed abnormally",
            1007 => ", malformed data",
            1008 => ", policy violation",
            1009 => ", message too big",
            1010 => ", extension missing",
            1011 => ", internal error",
            1012 => ", restarting",
            1013 => ", too busy",
            1014 => ", bad gateway",
            _ => "",
        };
}
