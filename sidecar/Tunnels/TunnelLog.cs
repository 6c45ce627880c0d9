using System.Net;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Tunnels;

internal static partial class TunnelLog
{
    [LoggerMessage(300, LogLevel.Information, "Listening on {Endpoint} for {Destination}")]
    public static partial void Listening(ILogger logger, IPEndPoint endpoint, string destination);

    [LoggerMessage(301, LogLevel.Information, "Port {Endpoint} released.")]
    public static partial void Closed(ILogger logger, IPEndPoint endpoint);

    [LoggerMessage(302, LogLevel.Information, "Session {SessionId} open.")]
    public static partial void SessionOpened(ILogger logger, string sessionId);

    [LoggerMessage(303, LogLevel.Warning, "No session could be opened: {Reason}")]
    public static partial void SessionFailed(ILogger logger, string reason);

    [LoggerMessage(304, LogLevel.Warning, "Session {SessionId} ended, resetting its connections: {Reason}")]
    public static partial void SessionLost(ILogger logger, string sessionId, string reason);

    [LoggerMessage(305, LogLevel.Information, "Closing unused session {SessionId}")]
    public static partial void SessionLetGo(ILogger logger, string sessionId);

    [LoggerMessage(306, LogLevel.Warning, "A connection through session {SessionId} was reset: {Reason}")]
    public static partial void ConnectionReset(ILogger logger, string sessionId, string reason);

    [LoggerMessage(307, LogLevel.Debug, "The local end of a connection through session {SessionId} broke off: {Reason}")]
    public static partial void LocalReset(ILogger logger, string sessionId, string reason);

    [LoggerMessage(308, LogLevel.Warning, "A connection to port {Port} was refused: {Reason}")]
    public static partial void ConnectionRefused(ILogger logger, int port, string reason);

    [LoggerMessage(330, LogLevel.Warning, "Every user of this computer can connect to port {Port}: {Reason}")]
    public static partial void OpenToAll(ILogger logger, int port, string reason);

    [LoggerMessage(
        331,
        LogLevel.Warning,
        "Every program that can reach {Endpoint} can connect: over a network, nobody can tell whose a connection is"
    )]
    public static partial void OpenToNetwork(ILogger logger, IPEndPoint endpoint);

    [LoggerMessage(309, LogLevel.Warning, "Accepting a connection failed on port {Port}; still listening")]
    public static partial void AcceptFailed(ILogger logger, int port, Exception exception);

    [LoggerMessage(310, LogLevel.Error, "A connection failed unexpectedly")]
    public static partial void ConnectionFailed(ILogger logger, Exception exception);

    [LoggerMessage(311, LogLevel.Warning, "{TunnelId}: {Code}: {Message}")]
    public static partial void Faulted(ILogger logger, string tunnelId, TunnelErrorCode code, string message);

    [LoggerMessage(312, LogLevel.Warning, "Skipping jump host {Target} for now: {Reason}")]
    public static partial void JumpHostPassedOver(ILogger logger, string target, string reason);

    [LoggerMessage(313, LogLevel.Debug, "A client disconnected while it waited for a session, port {Port}")]
    public static partial void ClientGaveUp(ILogger logger, int port);

    [LoggerMessage(
        314,
        LogLevel.Warning,
        "The agent of session {SessionId} has not acknowledged anything for a while, although the connection to AWS is up; new connections use another session"
    )]
    public static partial void AgentSilent(ILogger logger, string sessionId);

    [LoggerMessage(315, LogLevel.Information, "Moving an unused connection to another session, port {Port}")]
    public static partial void ConnectionMoved(ILogger logger, int port);

    [LoggerMessage(316, LogLevel.Information, "The next session through {Target} waits {DelaySeconds:F1} s, because earlier ones failed")]
    public static partial void StartPutOff(ILogger logger, string target, double delaySeconds);

    [LoggerMessage(
        323,
        LogLevel.Information,
        "The next search for a jump host for {Host} waits {DelaySeconds:F1} s, because earlier ones failed"
    )]
    public static partial void SelectionPutOff(ILogger logger, string host, double delaySeconds);

    [LoggerMessage(
        317,
        LogLevel.Warning,
        "The cluster has another writer: {Writer} in place of {Former}; connections that lead to the former one are reset"
    )]
    public static partial void WriterChanged(ILogger logger, string former, string writer);

    [LoggerMessage(318, LogLevel.Warning, "A connection to port {Port} was not signed in to the database: {Reason}")]
    public static partial void NotSignedIn(ILogger logger, int port, string reason);

    [LoggerMessage(319, LogLevel.Warning, "Session {SessionId} can't be terminated; it ends at its idle timeout")]
    public static partial void SessionLeft(ILogger logger, string sessionId);

    [LoggerMessage(
        320,
        LogLevel.Warning,
        "Data channel opened unsigned, as will later ones until the next sign-in; the permission ssmmessages:OpenDataChannel seems to be missing: session {SessionId}"
    )]
    public static partial void SignatureRefused(ILogger logger, string sessionId);

    [LoggerMessage(321, LogLevel.Information, "Listening on 127.0.0.1:{LocalPort} for {Host}:{Port}, a node that the cluster has named")]
    public static partial void NodeOpened(ILogger logger, int localPort, string host, int port);

    [LoggerMessage(322, LogLevel.Warning, "The cluster has named a node that no local port leads to, {Host}:{Port}: {Reason}")]
    public static partial void NodeLeftOut(ILogger logger, string host, int port, string reason);
}
