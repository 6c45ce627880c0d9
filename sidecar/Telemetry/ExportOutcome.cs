using Microsoft.Extensions.Logging;
using OpenTelemetry;

namespace RdsTunnel.Telemetry;

/// <summary>Says in the log when the collector can't be reached, and when it can again.</summary>
internal sealed class ExportOutcome(string what, ILogger logger)
{
    private bool _hasFailed; // one export at a time

    public ExportResult Told(ExportResult result)
    {
        var hasFailed = result == ExportResult.Failure;
        if (hasFailed != _hasFailed)
        {
            _hasFailed = hasFailed;
            if (hasFailed)
            {
                OtlpLog.NotSent(logger, what);
            }
            else
            {
                OtlpLog.SentAgain(logger, what);
            }
        }

        return result;
    }
}

internal static partial class OtlpLog
{
    [LoggerMessage(900, LogLevel.Information, "Sending metrics and traces to the OpenTelemetry collector, protocol {Protocol}")]
    public static partial void Sending(ILogger logger, string protocol);

    [LoggerMessage(
        901,
        LogLevel.Warning,
        "{What} can't be sent to the OpenTelemetry collector. Check OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL, and that the collector is running"
    )]
    public static partial void NotSent(ILogger logger, string what);

    [LoggerMessage(902, LogLevel.Information, "{What} reach the OpenTelemetry collector again")]
    public static partial void SentAgain(ILogger logger, string what);
}
