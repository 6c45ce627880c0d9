using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc.Tests;

public sealed class NotificationTests
{
    private static readonly TunnelRequest Request = new()
    {
        Target = "i-1",
        Host = "db",
        Port = 5432,
    };

    [Fact]
    public async Task StateChanged_EachChange_IsToldInOrder()
    {
        await using var told = new Told();
        foreach (var state in new[] { TunnelState.Opening, TunnelState.Open, TunnelState.Reconnecting, TunnelState.Closed })
        {
            told.Tunnels.Raise(new("t1", Request, new("i-1", null, []), 1, state, null, null, FakeTunnels.NoTraffic));
        }

        told.Tunnels.Raise(
            new(
                "t1",
                Request,
                new("i-1", null, []),
                1,
                TunnelState.NeedsSignIn,
                new(TunnelErrorCode.CredentialsExpired, "Sign in."),
                null,
                FakeTunnels.NoTraffic
            )
        );
        foreach (var state in new[] { "Opening", "Open", "Reconnecting", "Closed", "NeedsSignIn" })
        {
            var notification = await told.Client.ReadAsync();
            Assert.Equal("tunnel/stateChanged", (string)notification["method"]!);
            Assert.Equal(state, (string)notification["params"]!["tunnel"]!["state"]!);
            if (state == "NeedsSignIn")
            {
                JsonAssert.Equal("""{"code":"CredentialsExpired","message":"Sign in."}""", notification["params"]!["tunnel"]!["fault"]);
            }
        }
    }

    [Fact]
    public async Task Statistics_Changing_AreToldOncePerInterval()
    {
        await using var told = new Told();
        await told.Tunnels.OpenAsync(Request, default);
        for (var round = 1; round <= 3; round++)
        {
            for (var i = 0; i < 100; i++)
            {
                told.Tunnels.Count(
                    "t1",
                    FakeTunnels.NoTraffic with
                    {
                        BytesUp = (round * 1000) + i,
                        RoundTripTime = TimeSpan.FromMicroseconds(1500),
                    }
                );
            }

            told.Time.Advance(TunnelNotifications.StatisticsInterval);
            var notification = await told.Client.ReadAsync();
            Assert.Equal("tunnel/statistics", (string)notification["method"]!);
            Assert.Equal("t1", (string)notification["params"]!["id"]!);
            Assert.Equal((round * 1000) + 99, (int)notification["params"]!["statistics"]!["bytesUp"]!);
            Assert.Equal(1.5, (double)notification["params"]!["statistics"]!["roundTripTimeMilliseconds"]!);
        }
    }

    [Fact]
    public async Task Statistics_Unchanged_AreNotTold()
    {
        await using var told = new Told();
        await told.Tunnels.OpenAsync(Request, default);
        await told.Tunnels.OpenAsync(Request, default);
        for (var i = 0; i < 10; i++)
        {
            told.Time.Advance(TunnelNotifications.StatisticsInterval);
        }

        told.Tunnels.Count("t2", FakeTunnels.NoTraffic with { BytesDown = 1 });
        told.Time.Advance(TunnelNotifications.StatisticsInterval);
        var first = await told.Client.ReadAsync();
        Assert.Equal("t2", (string)first["params"]!["id"]!);
        Assert.Equal(1, (int)first["params"]!["statistics"]!["bytesDown"]!);
    }

    [Fact]
    public async Task Client_ReadingNothing_GetsTheNewestAndTheNumberOfLostLogMessages()
    {
        const int Messages = LogNotifications.MaxWaiting * 3;
        await using var told = new Told(new(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        using var logs = new LogNotifications(new(LogLevel.Information), told.Time);
        logs.SendTo(told.Client.Connection);
        var logger = logs.CreateLogger("Category");
        for (var i = 0; i < Messages; i++)
        {
            logger.Log(LogLevel.Information, new EventId(i), i, null, (n, _) => $"message {n}");
            told.Tunnels.Raise(new("t1", Request, new("i-1", null, []), i, TunnelState.Open, null, null, FakeTunnels.NoTraffic));
        }

        var (logged, dropped, lastLogged, states, lastPort) = (0, 0, -1, 0, -1);
        while (lastLogged < Messages - 1 || lastPort < Messages - 1)
        {
            var parameters = (await told.Client.ReadAsync())["params"]!;
            if (parameters["eventId"] is { } eventId)
            {
                logged++;
                dropped += (int?)parameters["dropped"] ?? 0;
                Assert.Equal(logged + dropped - 1, (int)eventId); // what is missing is told just where it is missing
                lastLogged = (int)eventId;
            }
            else
            {
                states++;
                Assert.True((int)parameters["tunnel"]!["localPort"]! > lastPort);
                lastPort = (int)parameters["tunnel"]!["localPort"]!;
            }
        }

        Assert.Equal(Messages, logged + dropped);
        Assert.InRange(logged, LogNotifications.MaxWaiting, LogNotifications.MaxWaiting + 2);
        Assert.InRange(states, TunnelNotifications.MaxWaitingStates, TunnelNotifications.MaxWaitingStates + 2);
    }

    [Fact]
    public async Task Log_Message_CarriesLevelCategoryTimeAndException()
    {
        await using var told = new Told();
        using var logs = new LogNotifications(new(LogLevel.Information), told.Time);
        var logger = logs.CreateLogger("Category");
        logger.Log(LogLevel.Error, new EventId(1), 0, null, (_, _) => "there is no client yet");
        logs.SendTo(told.Client.Connection);
        logger.Log(LogLevel.Debug, new EventId(2), 0, null, (_, _) => "below the level");
        logger.Log(LogLevel.Error, new EventId(3), 0, new IOException("broken"), (_, _) => "failed");
        logger.Log(LogLevel.Error, new EventId(4), 0, null, (_, _) => new string('x', 100_000));
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","method":"log","params":{"level":"Error","category":"Category","eventId":3,"message":"failed",
             "time":"2000-01-01T00:00:00+00:00","exception":"System.IO.IOException: reading or writing failed (0x80131620)"}}
            """,
            await told.Client.ReadAsync()
        );
        Assert.Equal(LogNotifications.MaxTextLength + 1, ((string)(await told.Client.ReadAsync())["params"]!["message"]!).Length);
    }

    /// <summary>A client that is told of tunnels.</summary>
    private sealed class Told : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _telling;

        public Told(PipeOptions? toClient = null)
        {
            Client = new(time: Time, toClient: toClient);
            _telling = new TunnelNotifications(Tunnels, Client.Connection, Time).RunAsync(_stop.Token);
        }

        public FakeTimeProvider Time { get; } = new();

        public TestClient Client { get; }

        public FakeTunnels Tunnels => Client.Tunnels;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _telling);
            await Client.DisposeAsync();
            _stop.Dispose();
        }
    }
}
