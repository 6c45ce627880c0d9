using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using RdsTunnel.Telemetry;

namespace RdsTunnel.Host.Tests;

/// <summary>Prometheus' text format, read back by a strict reader.</summary>
public sealed partial class PrometheusMetricsTests : IDisposable
{
    private readonly string _name = $"test {Guid.NewGuid()}";
    private readonly Meter _meter;
    private readonly PrometheusMetrics _metrics;

    public PrometheusMetricsTests()
    {
        _meter = new Meter(_name);
        _metrics = new PrometheusMetrics(_name);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Collect_ACounterAndAGauge_HaveTheirNamesTypesAndHelp()
    {
        _meter
            .CreateCounter<long>("app.bytes.sent", "By", "Bytes \\ sent\nby us")
            .Add(12, new KeyValuePair<string, object?>("app.way", "up"));
        _meter.CreateObservableGauge("app.round_trip", () => 0.25, "s", "Round trip");

        Assert.Equal(
            """
            # HELP app_bytes_sent_bytes_total Bytes \\ sent\nby us
            # TYPE app_bytes_sent_bytes_total counter
            app_bytes_sent_bytes_total{app_way="up"} 12
            # HELP app_round_trip_seconds Round trip
            # TYPE app_round_trip_seconds gauge
            app_round_trip_seconds 0.25

            """,
            _metrics.Collect()
        );
    }

    [Fact]
    public void Collect_AHistogram_CountsEachValueInItsBucketAndAllAbove()
    {
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] };
        var histogram = _meter.CreateHistogram("app.wait.duration", "s", "Wait", tags: null, advice);
        foreach (var value in (double[])[0.1, 0.5, 7])
        {
            histogram.Record(value, new KeyValuePair<string, object?>("tunnel", "a"));
        }

        Assert.Equal(
            """
            # HELP app_wait_duration_seconds Wait
            # TYPE app_wait_duration_seconds histogram
            app_wait_duration_seconds_bucket{tunnel="a",le="0.1"} 1
            app_wait_duration_seconds_bucket{tunnel="a",le="1"} 2
            app_wait_duration_seconds_bucket{tunnel="a",le="+Inf"} 3
            app_wait_duration_seconds_sum{tunnel="a"} 7.6
            app_wait_duration_seconds_count{tunnel="a"} 3

            """,
            _metrics.Collect()
        );
    }

    [Fact]
    public void Collect_WhatIsObservedIsGone_IsNotToldAgain()
    {
        var isThere = true;
        _meter.CreateObservableCounter<long>("app.seen", () => isThere ? [new(3)] : []);
        var recorded = _meter.CreateCounter<long>("app.done");
        recorded.Add(1);
        Assert.Contains("app_seen_total 3\n", _metrics.Collect(), StringComparison.Ordinal);
        Assert.Contains("app_seen_total 3\n", _metrics.Collect(), StringComparison.Ordinal);

        isThere = false;
        recorded.Add(1);

        Assert.Equal("# HELP app_done_total \n# TYPE app_done_total counter\napp_done_total 2\n", _metrics.Collect());
    }

    [Fact]
    public void Collect_TwoMetersOfOneName_AreOneMetric()
    {
        using var other = new Meter(_name);
        foreach (var meter in (Meter[])[_meter, other])
        {
            meter.CreateObservableUpDownCounter<long>("app.open", () => 2);
        }

        Assert.EndsWith("\napp_open 4\n", _metrics.Collect(), StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_MoreSeriesThanThereMayBe_PutsTheOthersIntoOne()
    {
        var counter = _meter.CreateCounter<long>("app.many");
        for (var i = 0; i < Metric.MaxSeries + 5; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("i", i));
        }

        var series = Series(_metrics.Collect());
        Assert.Equal(Metric.MaxSeries + 1, series.Count);
        Assert.Contains(series, each => each.Labels.SequenceEqual([("otel_metric_overflow", "true")]) && each.Value == 5);
    }

    [Fact]
    public void Collect_AnyTextAsALabel_IsReadBackAsItWas()
    {
        var random = new Random(20261129);
        var counter = _meter.CreateCounter<long>("app.any");
        var texts = Enumerable.Range(0, 500).Select(_ => AnyText(random)).Distinct().ToList();
        foreach (var text in texts)
        {
            counter.Add(1, new KeyValuePair<string, object?>("text", text));
        }

        var read = Series(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(_metrics.Collect())));

        Assert.Equal(
            texts.Select(Legible).Distinct().Order(StringComparer.Ordinal),
            read.Select(each => Assert.Single(each.Labels).Value).Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("rds_tunnel.session.round_trip", "s", false, "rds_tunnel_session_round_trip_seconds")]
    [InlineData("a.seconds", "s", false, "a_seconds")]
    [InlineData("9.lives", "{life}", true, "__lives_total")]
    [InlineData("a b-c/d", "1", false, "a_b_c_d")]
    [InlineData("speed", "m/s", false, "speed_m_s")]
    public void NameOf_AnInstrument_FollowsTheConventions(string instrument, string unit, bool isCounter, string name) =>
        Assert.Equal(name, PrometheusText.NameOf(instrument, unit, isCounter));

    [Fact]
    public void Documentation_OfMetrics_HasTheNamesThatPrometheusSees()
    {
        var rows = File.ReadLines(Documentation())
            .Where(line => line.StartsWith("| `rds_tunnel.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries).Select(cell => cell.Trim('`')).ToArray())
            .ToList();
        Assert.NotEmpty(rows);
        Assert.All(rows, cells => Assert.Equal(PrometheusText.NameOf(cells[1], cells[4], cells[3] == "counter"), cells[2]));
    }

    private static string AnyText(Random random)
    {
        const string awkward = "\\\"\n\r\t{},= \0\u001b\u2028\ud83d\ude00\ud800é";
        var text = new StringBuilder();
        for (var length = random.Next(12); length > 0; length--)
        {
            text.Append(random.Next(3) == 0 ? (char)random.Next(char.MaxValue + 1) : awkward[random.Next(awkward.Length)]);
        }

        return text.ToString();
    }

    // Control characters but line feeds, and halves of pairs, are replaced.
    private static string Legible(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => rune.Value != '\n' && !IsSeen(rune) ? "\uFFFD" : rune.ToString()));

    private static bool IsSeen(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );

    private static List<(string Name, List<(string Name, string Value)> Labels, double Value)> Series(string text)
    {
        var series = new List<(string, List<(string, string)>, double)>();
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                Assert.Matches("^# (HELP|TYPE) [a-z_]+ ", line);
                continue;
            }

            var match = Line().Match(line);
            Assert.True(match.Success, line);
            var labels = match
                .Groups["name"]
                .Captures.Zip(match.Groups["value"].Captures)
                .Select(pair => (pair.First.Value, Escape().Replace(pair.Second.Value, Unescape)))
                .ToList();
            series.Add((match.Groups["metric"].Value, labels, double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)));
        }

        return series;
    }

    private static string Unescape(Match escape) =>
        escape.Value switch
        {
            "\\n" => "\n",
            "\\\"" => "\"",
            "\\\\" => "\\",
            var other => throw new FormatException(other),
        };

    private static string Documentation([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "docs", "metrics.md"));

    [GeneratedRegex(
        """^(?<metric>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((^|,)?(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\\n]|\\[\\"n])*)")*\})? (?<number>[0-9.E+-]+|\+Inf)$""",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Line();

    [GeneratedRegex("""\\.""")]
    private static partial Regex Escape();
}
