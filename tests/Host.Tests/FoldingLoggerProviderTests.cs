using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace RdsTunnel.Host.Tests;

public sealed class FoldingLoggerProviderTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Sink _sink = new();
    private readonly FoldingLoggerProvider _folding;
    private readonly ILogger _logger;

    public FoldingLoggerProviderTests()
    {
        _folding = new FoldingLoggerProvider(_sink, _time);
        _logger = _folding.CreateLogger("Tunnels");
    }

    public void Dispose() => _folding.Dispose();

    [Fact]
    public void Log_SameLineAgainAndAgain_IsSaidOnceAndThenCounted()
    {
        Say("refused", times: 2_001);
        Assert.Equal(["Warning refused"], _sink.Lines);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["Warning refused", "Warning refused … 2,000 more"], _sink.Lines);
    }

    [Fact]
    public void Log_SameLineAfterAQuietWindow_IsSaidInFull()
    {
        Say("refused", times: 3);
        _time.Advance(TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(10));
        Say("refused", times: 1);
        Assert.Equal(["Warning refused", "Warning refused … 2 more", "Warning refused"], _sink.Lines);
    }

    [Fact]
    public void Log_RepeatedForLong_IsCountedOnceAWindow()
    {
        for (var window = 0; window < 6; window++)
        {
            Say("refused", times: 100);
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(["Warning refused", "Warning refused … 99 more", .. Enumerable.Repeat("Warning refused … 100 more", 5)], _sink.Lines);
    }

    [Fact]
    public void Log_OtherLines_AreAllSaid()
    {
        Say("a", times: 1);
        Say("b", times: 1);
        Say("a", times: 1, logger: _folding.CreateLogger("Other"));
        Say("a", times: 1, LogLevel.Error);
        Assert.Equal(["Warning a", "Warning b", "Warning a", "Error a"], _sink.Lines);
    }

    [Fact]
    public void Log_Debug_IsNotFolded()
    {
        Say("message", times: 3, LogLevel.Debug);
        Assert.Equal(Enumerable.Repeat("Debug message", 3), _sink.Lines);
    }

    [Fact]
    public void Log_MoreDifferentLinesThanAreRemembered_AreSaidAndMemoryIsBounded()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Say($"line {i}", times: 1);
        }

        Assert.Equal(10_000, _sink.Lines.Count);
    }

    [Fact]
    public void Dispose_SomethingIsCounted_SaysIt()
    {
        Say("refused", times: 5);
        _folding.Dispose();
        Assert.Equal(["Warning refused", "Warning refused … 4 more"], _sink.Lines);
    }

    private void Say(string text, int times, LogLevel level = LogLevel.Warning, ILogger? logger = null)
    {
        for (var i = 0; i < times; i++)
        {
            (logger ?? _logger).Log(level, new EventId(1), text, null, static (text, _) => text);
        }
    }

    private sealed class Sink : ILoggerProvider
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Logger(Lines);

        public void Dispose() { }

        private sealed class Logger(List<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception? exception,
                Func<TState, Exception?, string> formatter
            ) => lines.Add($"{logLevel} {formatter(state, exception)}");
        }
    }
}
