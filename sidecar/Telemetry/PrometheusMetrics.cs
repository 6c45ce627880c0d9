using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace RdsTunnel.Telemetry;

/// <summary>What the meters of one name have measured since this was made, as Prometheus reads it. Thread-safe.</summary>
public sealed class PrometheusMetrics : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly Lock _collecting = new();
    private readonly ConcurrentDictionary<string, Metric> _metrics = new();

    public PrometheusMetrics(string meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter)
            {
                listener.EnableMeasurementEvents(instrument, MetricOf(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, metric) => ((Metric)metric!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, metric) => ((Metric)metric!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Asks everything that can be observed, and writes it with all that was recorded.</summary>
    public string Collect()
    {
        lock (_collecting)
        {
            foreach (var metric in _metrics.Values)
            {
                metric.BeforeObserving();
            }

            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var metric in _metrics.Values.OrderBy(metric => metric.Name, StringComparer.Ordinal))
            {
                metric.WriteTo(text);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    // One of another meter of that name is the same metric.
    private Metric MetricOf(Instrument instrument)
    {
        var metric = Metric.Of(instrument);
        return _metrics.GetOrAdd(metric.Name, metric);
    }
}
