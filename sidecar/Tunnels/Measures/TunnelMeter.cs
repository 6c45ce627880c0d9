using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RdsTunnel.Tunnels.Measures;

/// <summary>The instruments of a process's tunnels. What is counted anyway is only read when
/// somebody collects; the rest is recorded once a connection or session at most. Thread-safe.</summary>
internal sealed class TunnelMeter : IDisposable
{
    /// <summary>From a kept session to a stopped jump host.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    };

    private readonly Meter _meter = new(TunnelInstruments.Meter);
    private readonly ConcurrentDictionary<TunnelMeasures, Func<TunnelInfo>> _followed = new();

    public TunnelMeter()
    {
        _meter.CreateObservableUpDownCounter(
            "rds_tunnel.tunnel.state",
            States,
            "{tunnel}",
            "1 for the state that the tunnel is in, 0 for each of the others"
        );
        _meter.CreateObservableUpDownCounter(
            "rds_tunnel.connection.active",
            () => Sums(each => each.ConnectionsNow),
            "{connection}",
            "Connections that are open or wait for a session"
        );
        _meter.CreateObservableCounter(
            "rds_tunnel.connection.accepted",
            () => Sums(each => each.ConnectionsTotal),
            "{connection}",
            "Connections that were accepted"
        );
        Refused = _meter.CreateCounter<long>("rds_tunnel.connection.refused", "{connection}", "Connections that were refused at once");
        Reset = _meter.CreateCounter<long>(
            "rds_tunnel.connection.reset",
            "{connection}",
            "Connections that broke, and neither the client nor the database had ended them"
        );
        FirstByte = _meter.CreateHistogram(
            "rds_tunnel.connection.first_byte.duration",
            "s",
            "Time from accepting a connection to the database's first byte, or to the end of the login",
            tags: null,
            Seconds
        );
        _meter.CreateObservableCounter("rds_tunnel.network.io", BytesBothWays, "By", "Bytes of the clients' connections");
        _meter.CreateObservableUpDownCounter(
            "rds_tunnel.session.active",
            () => Sums(each => each.SessionsNow),
            "{session}",
            "SSM sessions that are open"
        );
        _meter.CreateObservableCounter(
            "rds_tunnel.session.started",
            () => Sums(each => each.SessionsTotal),
            "{session}",
            "SSM sessions that were opened"
        );
        SessionFailed = _meter.CreateCounter<long>("rds_tunnel.session.failed", "{session}", "SSM sessions that could not be opened");
        SessionLost = _meter.CreateCounter<long>("rds_tunnel.session.lost", "{session}", "SSM sessions that ended unasked");
        SessionStart = _meter.CreateHistogram(
            "rds_tunnel.session.start.duration",
            "s",
            "Time it took to open an SSM session",
            tags: null,
            Seconds
        );
        _meter.CreateObservableCounter(
            "rds_tunnel.session.resumed",
            () => Sums(each => each.Resumes),
            "{resumption}",
            "Websockets that were replaced without losing the session"
        );
        _meter.CreateObservableCounter(
            "rds_tunnel.session.retransmitted",
            () => Sums(each => each.Retransmissions),
            "{message}",
            "Messages of a data channel that were sent again"
        );
        _meter.CreateObservableGauge(
            "rds_tunnel.session.round_trip",
            RoundTrips,
            "s",
            "Smoothed round trip time of the slowest open session"
        );
        Login = _meter.CreateCounter<long>("rds_tunnel.login.attempts", "{attempt}", "Logins to the database on behalf of a client");
    }

    /// <summary>For a listener that wants no other one of its name.</summary>
    public Meter Meter => _meter;

    public Counter<long> Refused { get; }

    public Counter<long> Reset { get; }

    public Histogram<double> FirstByte { get; }

    public Counter<long> SessionFailed { get; }

    public Counter<long> SessionLost { get; }

    public Histogram<double> SessionStart { get; }

    public Counter<long> Login { get; }

    /// <param name="tunnel">The label of all that is measured; tunnels with the same label are added up.</param>
    /// <param name="tellsState">False for a node of a tunnel's cluster, which has no state that anybody sees.</param>
    public TunnelMeasures For(string tunnel, bool tellsState = true) => new(this, tunnel, tellsState);

    public void Dispose() => _meter.Dispose();

    internal void Add(TunnelMeasures measures, Func<TunnelInfo> read) => _followed[measures] = read;

    internal void Remove(TunnelMeasures measures) => _followed.TryRemove(measures, out _);

    private IEnumerable<IGrouping<string, (TunnelMeasures Measures, TunnelInfo Info)>> Read() =>
        _followed.Select(each => (each.Key, each.Value())).GroupBy(each => each.Key.Tunnel);

    private IEnumerable<Measurement<long>> Sums(Func<TunnelStatistics, long> of) =>
        Read().Select(tunnel => new Measurement<long>(tunnel.Sum(each => of(each.Info.Statistics)), Label(tunnel.Key)));

    private IEnumerable<Measurement<long>> BytesBothWays() =>
        Read()
            .SelectMany(tunnel =>
                new[]
                {
                    Bytes(tunnel.Key, "transmit", tunnel.Sum(each => each.Info.Statistics.BytesUp)),
                    Bytes(tunnel.Key, "receive", tunnel.Sum(each => each.Info.Statistics.BytesDown)),
                }
            );

    private IEnumerable<Measurement<double>> RoundTrips() =>
        from tunnel in Read()
        let slowest = tunnel.Max(each => each.Info.Statistics.RoundTripTime)
        where slowest is not null
        select new Measurement<double>(slowest.Value.TotalSeconds, Label(tunnel.Key));

    private IEnumerable<Measurement<long>> States() =>
        from tunnel in Read()
        from state in Enum.GetValues<TunnelState>()
        select new Measurement<long>(
            tunnel.Count(each => each.Measures.TellsState && each.Info.State == state),
            Label(tunnel.Key),
            new("state", state.ToString())
        );

    private static Measurement<long> Bytes(string tunnel, string direction, long bytes) =>
        new(bytes, Label(tunnel), new("network.io.direction", direction));

    internal static KeyValuePair<string, object?> Label(string tunnel) => new(TunnelInstruments.TunnelLabel, tunnel);
}
