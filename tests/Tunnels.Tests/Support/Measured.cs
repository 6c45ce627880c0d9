using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RdsTunnel.Tunnels.Tests.Support;

/// <summary>What is measured of the tunnels of one name.</summary>
internal sealed class Measured : IDisposable
{
    private readonly string _tunnel;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _added = new();
    private readonly ConcurrentDictionary<string, double> _observed = new();

    public Measured(string tunnel)
    {
        _tunnel = tunnel;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TunnelInstruments.Meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>By <c>instrument</c> or <c>instrument label</c>; of a histogram, how many values it has.</summary>
    public IReadOnlyDictionary<string, double> Read()
    {
        _observed.Clear();
        _listener.RecordObservableInstruments();
        return _added.Concat(_observed).ToDictionary();
    }

    public double this[string name] => Read().GetValueOrDefault(name);

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Assert.Equal("tunnel", tags[0].Key);
        if (!_tunnel.Equals(tags[0].Value))
        {
            return; // another test's
        }

        var name = tags.Length == 1 ? instrument.Name : $"{instrument.Name} {tags[1].Value}";
        if (instrument.IsObservable)
        {
            Assert.True(_observed.TryAdd(name, value), $"{name} was observed twice.");
        }
        else
        {
            _added.AddOrUpdate(name, Amount(), (_, before) => before + Amount());
        }

        double Amount() => instrument is Histogram<double> ? 1 : value;
    }
}
