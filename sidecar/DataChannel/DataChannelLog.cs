using Microsoft.Extensions.Logging;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.DataChannels;

internal static partial class DataChannelLog
{
    [LoggerMessage(200, LogLevel.Information, "Data channel open: agent {AgentVersion}, {Milliseconds:F0} ms after the websocket")]
    public static partial void Opened(ILogger logger, string agentVersion, double milliseconds);

    [LoggerMessage(201, LogLevel.Information, "Link lost: {Reason} Resuming the session.")]
    public static partial void LinkLost(ILogger logger, string reason);

    [LoggerMessage(202, LogLevel.Information, "Session resumed on a new link, attempts: {Attempts}")]
    public static partial void Resumed(ILogger logger, int attempts);

    [LoggerMessage(203, LogLevel.Warning, "No link; next attempt in {DelaySeconds:F1} s: {Reason}")]
    public static partial void LinkNotReplaced(ILogger logger, double delaySeconds, string reason);

    [LoggerMessage(204, LogLevel.Warning, "A message was dropped: {Error}. Further ones of the kind are only counted.")]
    public static partial void InvalidMessage(ILogger logger, ClientMessageError error);

    [LoggerMessage(205, LogLevel.Information, "Data channel ended: {Reason}")]
    public static partial void Ended(ILogger logger, string reason);

    [LoggerMessage(206, LogLevel.Debug, "AWS reports that the node {What}")]
    public static partial void Publication(ILogger logger, string what);

    [LoggerMessage(207, LogLevel.Information, "Message of the account's administrator: {CustomerMessage}")]
    public static partial void CustomerMessage(ILogger logger, string customerMessage);

    [LoggerMessage(208, LogLevel.Warning, "Couldn't terminate the session: {Reason}")]
    public static partial void TerminateFailed(ILogger logger, string reason);

    [LoggerMessage(209, LogLevel.Error, "The data channel failed unexpectedly")]
    public static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(210, LogLevel.Debug, "Closing the link failed: {Reason}")]
    public static partial void CloseFailed(ILogger logger, string reason);

    [LoggerMessage(211, LogLevel.Warning, "A listener for state changes failed")]
    public static partial void ListenerFailed(ILogger logger, Exception exception);

    [LoggerMessage(212, LogLevel.Warning, "{Host} refused the signed websocket; trying once without a signature")]
    public static partial void SignatureRefused(ILogger logger, string host);

    [LoggerMessage(213, LogLevel.Information, "AWS closed the session's data channel with the message: {Output}")]
    public static partial void ClosedWith(ILogger logger, string output);
}
