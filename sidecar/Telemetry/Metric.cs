using System.Diagnostics.Metrics;
using System.Text;

namespace RdsTunnel.Telemetry;

/// <summary>One metric, with its values by labels. Thread-safe.</summary>
internal abstract class Metric(string name, string type, string help)
{
    /// <summary>Series of one metric, as OpenTelemetry's own limit has it, roughly. More share one that says so.</summary>
    public const int MaxSeries = 1000;

    private const string Overflow = "otel_metric_overflow=\"true\"";

    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal); // locked

    public string Name => name;

    public static Metric Of(Instrument instrument)
    {
        var isCounter = instrument is Counter<long> or ObservableCounter<long>;
        var name = PrometheusText.NameOf(instrument.Name, instrument.Unit, isCounter);
        var help = PrometheusText.Help(instrument.Description ?? "");
        return instrument switch
        {
            Histogram<double> histogram => new HistogramMetric(name, help, histogram.Advice?.HistogramBucketBoundaries ?? []),
            _ => new NumberMetric(name, isCounter ? "counter" : "gauge", help, instrument.IsObservable),
        };
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusText.Labels(tags);
        lock (_series)
        {
            if (!_series.TryGetValue(labels, out var series))
            {
                labels = _series.Count < MaxSeries ? labels : Overflow;
                if (!_series.TryGetValue(labels, out series))
                {
                    _series.Add(labels, series = NewSeries());
                }
            }

            series.Add(value);
        }
    }

    /// <summary>Before what can be observed is observed: what is gone is not to be told again.</summary>
    public virtual void BeforeObserving() { }

    public void WriteTo(StringBuilder text)
    {
        lock (_series)
        {
            if (_series.Count == 0)
            {
                return;
            }

            text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
            foreach (var (labels, series) in _series)
            {
                series.WriteTo(text, name, labels);
            }
        }
    }

    protected abstract Series NewSeries();

    protected void Clear()
    {
        lock (_series)
        {
            _series.Clear();
        }
    }

    protected static void WriteLine(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(PrometheusText.Braces(labels)).Append(' ').Append(PrometheusText.Number(value)).Append('\n');

    internal abstract class Series
    {
        public abstract void Add(double value);

        public abstract void WriteTo(StringBuilder text, string name, string labels);
    }
}

/// <summary>A counter or a gauge. What is observed with the same labels twice in a collection, of two managers of tunnels, say, is added up.</summary>
internal sealed class NumberMetric(string name, string type, string help, bool isObserved) : Metric(name, type, help)
{
    public override void BeforeObserving()
    {
        if (isObserved)
        {
            Clear();
        }
    }

    protected override Series NewSeries() => new NumberSeries();

    private sealed class NumberSeries : Series
    {
        private double _value;

        public override void Add(double value) => _value += value;

        public override void WriteTo(StringBuilder text, string name, string labels) => WriteLine(text, name, labels, _value);
    }
}

internal sealed class HistogramMetric(string name, string help, IReadOnlyList<double> bounds) : Metric(name, "histogram", help)
{
    protected override Series NewSeries() => new HistogramSeries(bounds);

    private sealed class HistogramSeries(IReadOnlyList<double> bounds) : Series
    {
        private readonly long[] _counts = new long[bounds.Count + 1];
        private double _sum;

        public override void Add(double value)
        {
            var at = 0;
            while (at < bounds.Count && value > bounds[at])
            {
                at++;
            }

            _counts[at]++;
            _sum += value;
        }

        public override void WriteTo(StringBuilder text, string name, string labels)
        {
            var before = labels.Length == 0 ? "" : $"{labels},";
            long count = 0;
            for (var at = 0; at < _counts.Length; at++)
            {
                count += _counts[at];
                var bound = PrometheusText.Number(at < bounds.Count ? bounds[at] : double.PositiveInfinity);
                WriteLine(text, $"{name}_bucket", $"{before}le=\"{bound}\"", count);
            }

            WriteLine(text, $"{name}_sum", labels, _sum);
            WriteLine(text, $"{name}_count", labels, count);
        }
    }
}
