using Microsoft.Extensions.Logging;

namespace RdsTunnel.Tunnels.JumpHosts;

internal static partial class JumpHostLog
{
    [LoggerMessage(340, LogLevel.Information, "Starting the jump host {Target}; it is stopped again when no session uses it")]
    public static partial void Starting(ILogger logger, string target);

    [LoggerMessage(341, LogLevel.Information, "Jump host {Target} ready after {Seconds:0} s")]
    public static partial void Ready(ILogger logger, string target, double seconds);

    [LoggerMessage(342, LogLevel.Information, "Stopped the jump host {Target}: no session uses it")]
    public static partial void Stopped(ILogger logger, string target);

    [LoggerMessage(343, LogLevel.Warning, "The jump host {Target} was started for a tunnel and could not be stopped: {Reason}")]
    public static partial void NotStopped(ILogger logger, string target, string reason);

    [LoggerMessage(345, LogLevel.Debug, "The jump host {Target} keeps running: it has other sessions")]
    public static partial void StillUsed(ILogger logger, string target);

    [LoggerMessage(344, LogLevel.Warning, "The jump host {Target} was started for a tunnel and keeps running: others have sessions on it")]
    public static partial void LeftToOthers(ILogger logger, string target);
}
