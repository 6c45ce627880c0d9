using Microsoft.Extensions.Logging;
using RdsTunnel.Telemetry;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>What a headless process tells of its tunnels: metrics to whoever asks, metrics and spans to a collector.</summary>
internal sealed class ServeTelemetry : IDisposable
{
    private readonly PrometheusMetrics? _metrics;
    private readonly OtlpExport? _export;

    /// <param name="environment">Names the collector, if there is one.</param>
    /// <exception cref="ServeException">A variable of OpenTelemetry's can't be used.</exception>
    public ServeTelemetry(bool prometheus, Func<string, string?> environment, ILoggerFactory loggers)
    {
        try
        {
            _export = OtlpExport.Start(environment, TunnelInstruments.Meter, Program.Version, loggers);
        }
        catch (OtlpException e)
        {
            throw new ServeException(e.Message, e);
        }

        _metrics = prometheus ? new PrometheusMetrics(TunnelInstruments.Meter) : null;
    }

    public IEnumerable<KeyValuePair<string, ServeRoute>> Routes =>
        _metrics is null
            ? []
            : [new("/metrics", ServeRoute.Get(_ => new ServeAnswer(200, _metrics.Collect(), PrometheusMetrics.ContentType)))];

    public void Dispose()
    {
        _export?.Dispose();
        _metrics?.Dispose();
    }
}
