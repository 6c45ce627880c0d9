using Microsoft.Extensions.Logging;

namespace RdsTunnel.Tunnels.JumpHosts;

internal static partial class AccessLog
{
    [LoggerMessage(346, LogLevel.Information, "Access to {Target} requested: {Request} waits for approval")]
    public static partial void Requested(ILogger logger, string target, string request);

    [LoggerMessage(347, LogLevel.Information, "Access request {Request} was approved: sessions on {Target} can be started")]
    public static partial void Approved(ILogger logger, string request, string target);

    [LoggerMessage(348, LogLevel.Warning, "Access request {Request} has ended: {Reason}")]
    public static partial void Ended(ILogger logger, string request, string reason);

    [LoggerMessage(349, LogLevel.Debug, "Couldn't look after the access request {Request}: {Reason}")]
    public static partial void NotLooked(ILogger logger, string request, string reason);

    [LoggerMessage(
        350,
        LogLevel.Information,
        "Tunnels no longer wait for the access request {Request} for {Target}; it stays with its approvers"
    )]
    public static partial void Left(ILogger logger, string request, string target);
}
