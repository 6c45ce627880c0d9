using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using RdsTunnel.Tunnels.Measures;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>What the tunnels' meter and spans tell.</summary>
public sealed class MeasureTests
{
    private readonly string _name = $"orders {Guid.NewGuid()}";

    [Fact]
    public async Task Meter_AnEchoedConnection_TellsItsBytesItsSessionAndItsFirstByte()
    {
        using var measured = new Measured(_name);
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await OpenAsync(stack, server.Port);
        Assert.Equal(1, measured["rds_tunnel.tunnel.state Listening"]);

        using (var client = await Stack.ConnectAsync(tunnel.LocalPort))
        {
            await Bytes.SendAllAsync(client, new byte[10_000]);
            await Bytes.ReceiveAsync(client, 10_000);
            await stack.UntilAsync(info => info.Statistics.BytesDown == 10_000);

            var during = measured.Read();
            Assert.Equal(1, during["rds_tunnel.connection.active"]);
            Assert.Equal(10_000, during["rds_tunnel.network.io transmit"]);
            Assert.Equal(10_000, during["rds_tunnel.network.io receive"]);
            Assert.Equal(1, during["rds_tunnel.tunnel.state Open"]);
            Assert.Equal(0, during["rds_tunnel.tunnel.state Listening"]);
            Assert.Equal(1, during["rds_tunnel.session.active"]);
            Assert.InRange(during["rds_tunnel.session.round_trip"], double.Epsilon, 30);
        }

        await stack.UntilAsync(info => info.Statistics.ConnectionsNow == 0);
        var after = measured.Read();
        Assert.Equal(0, after["rds_tunnel.connection.active"]);
        Assert.Equal(1, after["rds_tunnel.connection.accepted"]);
        Assert.Equal(1, after["rds_tunnel.connection.first_byte.duration"]);
        Assert.Equal(1, after["rds_tunnel.session.started"]);
        Assert.Equal(1, after["rds_tunnel.session.start.duration"]);
        Assert.DoesNotContain(after.Keys, name => name.Contains("failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Meter_TheJumpHostIsOffline_TellsTheCodeOfTheSessionAndTheConnection()
    {
        using var measured = new Measured(_name);
        await using var stack = await Stack.StartAsync();
        var tunnel = await OpenAsync(stack, targetPort: 5432, target: "i-0fffffffffffffff0");

        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => Bytes.ReceiveAsync(client, 1));
        await stack.UntilAsync(info => info.Statistics.ConnectionsNow == 0);

        Assert.Equal(1, measured["rds_tunnel.session.failed TargetNotConnected"]);
        Assert.Equal(1, measured["rds_tunnel.connection.reset TargetNotConnected"]);
        Assert.Equal(0, measured["rds_tunnel.session.started"]);
        Assert.Equal(1, measured["rds_tunnel.tunnel.state Faulted"]);
    }

    [Fact]
    public async Task Meter_TheTunnelIsClosed_TellsNothingOfItAnyMore()
    {
        using var measured = new Measured(_name);
        await using var stack = await Stack.StartAsync();
        var tunnel = await OpenAsync(stack, targetPort: 5432);
        Assert.NotEmpty(measured.Read());

        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);

        Assert.Empty(measured.Read());
    }

    [Fact]
    public void Meter_TwoTunnelsOfOneName_AreAddedUp()
    {
        using var measured = new Measured(_name);
        using var meter = new TunnelMeter();
        meter.For(_name).Follow(() => Info(TunnelState.Open, connections: 2, TimeSpan.FromSeconds(1)));
        meter.For(_name, tellsState: false).Follow(() => Info(TunnelState.Faulted, connections: 3, TimeSpan.FromSeconds(2)));

        var read = measured.Read();

        Assert.Equal(5, read["rds_tunnel.connection.active"]);
        Assert.Equal(2, read["rds_tunnel.session.round_trip"]);
        Assert.Equal(1, read["rds_tunnel.tunnel.state Open"]);
        Assert.Equal(0, read["rds_tunnel.tunnel.state Faulted"]);
    }

    [Fact]
    public async Task Meter_ATunnelWithoutAName_IsNotLabelledWithItsHost()
    {
        var labels = new ConcurrentBag<string>();
        await using var stack = await Stack.StartAsync();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, each) => each.EnableMeasurementEvents(instrument);
        listener.SetMeasurementEventCallback<long>(
            (_, _, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    labels.Add($"{tag.Value}");
                }
            }
        );
        listener.Start();
        await stack.OpenAsync(targetPort: 5432, openNow: false);

        listener.RecordObservableInstruments();

        Assert.NotEmpty(labels);
        Assert.DoesNotContain(labels, label => label.Contains(Stack.TargetHost, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Spans_ASessionIsOpened_TellItsPartsAndNoHostOrUser()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = ListenTo(spans);
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();

        await OpenAsync(stack, server.Port, openNow: true);

        var open = Assert.Single(spans, span => Equals(span.GetTagItem("tunnel"), _name) && span.OperationName == "open tunnel");
        var ours = spans.Where(span => span.TraceId == open.TraceId).ToArray();
        Assert.Equal(["SSM.StartSession", "open data channel", "open session", "open tunnel"], ours.Select(span => span.OperationName));
        Assert.All(ours, span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
        Assert.All(ours[..2], span => Assert.Equal(ours[2].SpanId, span.ParentSpanId));
        Assert.Equal(open.SpanId, ours[2].ParentSpanId);
        Assert.All(
            ours.SelectMany(span => span.TagObjects),
            tag => Assert.Contains(tag.Key, (string[])["tunnel", "rpc.system", "rpc.service", "rpc.method"])
        );
    }

    [Fact]
    public async Task Spans_TheSessionFails_HaveTheCode()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = ListenTo(spans);
        await using var stack = await Stack.StartAsync();

        await Assert.ThrowsAsync<TunnelException>(() => OpenAsync(stack, 5432, openNow: true, target: "i-0fffffffffffffff0"));

        var open = Assert.Single(spans, span => Equals(span.GetTagItem("tunnel"), _name) && span.OperationName == "open tunnel");
        Assert.Equal(ActivityStatusCode.Error, open.Status);
        Assert.Equal("TargetNotConnected", open.GetTagItem("error.type"));
        Assert.Null(open.StatusDescription);
    }

    [Fact]
    public void Documentation_ListsEveryInstrument_AndNoOther()
    {
        var documented = File.ReadLines(Path.Combine(Repository(), "docs", "metrics.md"))
            .Where(line => line.StartsWith("| `rds_tunnel.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => $"{cells[1]} {cells[3]} {cells[4]} {cells[6]}");
        var instruments = new List<string>();
        using var listener = new MeterListener();
        using var meter = new TunnelMeter();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter, meter.Meter))
            {
                instruments.Add($"`{instrument.Name}` {KindOf(instrument)} `{instrument.Unit}` {instrument.Description}");
            }
        };
        listener.Start();

        Assert.Equal(instruments.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    private static string KindOf(Instrument instrument) =>
        instrument switch
        {
            Counter<long> or ObservableCounter<long> => "counter",
            Histogram<double> => "histogram",
            _ => "gauge",
        };

    private static string Repository([System.Runtime.CompilerServices.CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", ".."));

    private Task<TunnelInfo> OpenAsync(Stack stack, int targetPort, bool openNow = false, string target = Stack.Target) =>
        stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Name = _name,
                Target = target,
                Host = Stack.TargetHost,
                Port = targetPort,
                OpenNow = openNow,
            },
            CancellationToken.None
        );

    private static TunnelInfo Info(TunnelState state, int connections, TimeSpan roundTrip) =>
        new(
            "tunnel-1",
            new TunnelRequest { Port = 5432 },
            JumpHost: null,
            LocalPort: 1,
            state,
            Fault: null,
            LastReset: null,
            new TunnelStatistics(connections, connections, 0, 0, roundTrip, 0, 0, 1, 1)
        );

    private static ActivityListener ListenTo(ConcurrentQueue<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TunnelInstruments.Activities,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
