using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace RdsTunnel.Telemetry;

/// <summary>Sends metrics and spans to the collector that OpenTelemetry's own environment variables name.</summary>
public sealed class OtlpExport : IDisposable
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>For the last of them when the process ends: it has 2 s for everything.</summary>
    private static readonly TimeSpan LastTime = TimeSpan.FromMilliseconds(300);

    private readonly MeterProvider? _metrics;
    private readonly TracerProvider? _traces;

    private OtlpExport(MeterProvider? metrics, TracerProvider? traces) => (_metrics, _traces) = (metrics, traces);

    /// <param name="environment">Says whether there is to be any; OpenTelemetry reads the rest from the process's own.</param>
    /// <param name="source">The name of the meters and of the source of activities.</param>
    /// <returns>Null when no collector is named.</returns>
    /// <exception cref="OtlpException">A variable can't be used.</exception>
    public static OtlpExport? Start(Func<string, string?> environment, string source, string version, ILoggerFactory loggers)
    {
        if (string.IsNullOrWhiteSpace(environment(EndpointVariable)) || IsTrue(environment("OTEL_SDK_DISABLED")))
        {
            return null;
        }

        RequireValid(environment);
        var resource = ResourceBuilder
            .CreateEmpty()
            .AddService("rds-tunnel", serviceVersion: version)
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        var logger = loggers.CreateLogger<OtlpExport>();
        MeterProvider? metrics = null;
        try
        {
            var options = new OtlpExporterOptions();
            OtlpLog.Sending(logger, options.Protocol.ToString());
            metrics = IsOff(environment("OTEL_METRICS_EXPORTER"))
                ? null
                : MetricsTo(options, source, resource, new ExportOutcome("Metrics", logger));
            return new(
                metrics,
                IsOff(environment("OTEL_TRACES_EXPORTER")) ? null : TracesTo(options, source, resource, new ExportOutcome("Traces", logger))
            );
        }
        catch (Exception e)
        {
            metrics?.Dispose();
            // Its message may quote a header, which may be a key.
            throw new OtlpException(
                "OpenTelemetry can't be set up. Check the variables OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_TIMEOUT, "
                    + "OTEL_EXPORTER_OTLP_CERTIFICATE, OTEL_METRIC_EXPORT_INTERVAL and OTEL_BSP_*.",
                e
            );
        }
    }

    /// <summary>Sends what is left, for a while.</summary>
    public void Dispose()
    {
        _traces?.Shutdown((int)LastTime.TotalMilliseconds);
        _traces?.Dispose();
        _metrics?.Shutdown((int)LastTime.TotalMilliseconds);
        _metrics?.Dispose();
    }

    private static MeterProvider MetricsTo(OtlpExporterOptions options, string source, ResourceBuilder resource, ExportOutcome outcome)
    {
        var often = new PeriodicExportingMetricReaderOptions();
        return Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(source)
            .AddReader(
                new PeriodicExportingMetricReader(
                    new MetricExporter(options, outcome),
                    often.ExportIntervalMilliseconds ?? 60_000,
                    often.ExportTimeoutMilliseconds ?? 30_000
                )
            )
            .Build();
    }

    private static TracerProvider TracesTo(OtlpExporterOptions options, string source, ResourceBuilder resource, ExportOutcome outcome)
    {
        var batch = new BatchExportActivityProcessorOptions();
        return Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(source)
            .AddProcessor(
                new BatchActivityExportProcessor(
                    new TraceExporter(options, outcome),
                    batch.MaxQueueSize,
                    batch.ScheduledDelayMilliseconds,
                    batch.ExporterTimeoutMilliseconds,
                    batch.MaxExportBatchSize
                )
            )
            .Build();
    }

    // OpenTelemetry itself goes on with a default, and says so only where nobody reads it.
    private static void RequireValid(Func<string, string?> environment)
    {
        if (!Uri.TryCreate(environment(EndpointVariable), UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            throw new OtlpException(
                $"{EndpointVariable} must be an address that begins with http:// or https://, such as http://collector:4317."
            );
        }

        if (environment("OTEL_EXPORTER_OTLP_PROTOCOL") is { Length: > 0 } and not ("grpc" or "http/protobuf"))
        {
            throw new OtlpException("OTEL_EXPORTER_OTLP_PROTOCOL must be grpc or http/protobuf.");
        }
    }

    private static bool IsOff(string? exporter) => string.Equals(exporter, "none", StringComparison.OrdinalIgnoreCase);

    private static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private sealed class MetricExporter(OtlpExporterOptions options, ExportOutcome outcome) : OtlpMetricExporter(options)
    {
        public override ExportResult Export(in Batch<OpenTelemetry.Metrics.Metric> metrics) => outcome.Told(base.Export(metrics));
    }

    private sealed class TraceExporter(OtlpExporterOptions options, ExportOutcome outcome) : OtlpTraceExporter(options)
    {
        public override ExportResult Export(in Batch<System.Diagnostics.Activity> activityBatch) =>
            outcome.Told(base.Export(activityBatch));
    }
}

/// <summary>A variable of OpenTelemetry's can't be used; the message says which, and never its value.</summary>
#pragma warning disable CA1032 // it has a message, always
public sealed class OtlpException(string message, Exception? innerException = null) : Exception(message, innerException);
#pragma warning restore CA1032
