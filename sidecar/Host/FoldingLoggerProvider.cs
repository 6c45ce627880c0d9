using Microsoft.Extensions.Logging;

namespace RdsTunnel.Host;

/// <summary>Hands lines on, and folds those that say the same again within ten seconds: whatever
/// fails, or knocks, over and over does not fill the log.
/// Lines of Debug and Trace are for whoever wants all of them. Thread-safe. Does not dispose of the provider behind it.</summary>
internal sealed class FoldingLoggerProvider : ILoggerProvider
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Different lines that are remembered at once; more are handed on as they come.</summary>
    private const int MaxRemembered = 256;

    private readonly ILoggerProvider _behind;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<Line, int> _repeats = []; // guarded by _gate

    public FoldingLoggerProvider(ILoggerProvider behind, TimeProvider time)
    {
        _behind = behind;
        _timer = time.CreateTimer(
            static self => ((FoldingLoggerProvider)self!).OnWindowOver(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this, _behind.CreateLogger(categoryName));

    public void Dispose()
    {
        _timer.Dispose();
        OnWindowOver();
    }

    private bool IsRepeat(Line line)
    {
        lock (_gate)
        {
            if (_repeats.TryGetValue(line, out var count))
            {
                _repeats[line] = count + 1;
                return true;
            }

            if (_repeats.Count < MaxRemembered)
            {
                _repeats.Add(line, 0);
                if (_repeats.Count == 1)
                {
                    _timer.Change(Window, Timeout.InfiniteTimeSpan);
                }
            }

            return false;
        }
    }

    // What was repeated goes on being counted; what was not is said in full the next time.
    private void OnWindowOver()
    {
        List<KeyValuePair<Line, int>> repeated;
        lock (_gate)
        {
            repeated = [.. _repeats.Where(line => line.Value > 0)];
            _repeats.Clear();
            foreach (var (line, _) in repeated)
            {
                _repeats.Add(line, 0);
            }

            if (repeated.Count > 0)
            {
                try
                {
                    _timer.Change(Window, Timeout.InfiniteTimeSpan);
                }
                catch (ObjectDisposedException)
                {
                    // This was the last look.
                }
            }
        }

        foreach (var ((logger, level, id, text), count) in repeated)
        {
            logger.Log(level, id, (text, count), null, static (repeat, _) => $"{repeat.text} … {repeat.count:N0} more");
        }
    }

    private readonly record struct Line(ILogger Logger, LogLevel Level, EventId Id, string Text);

    private sealed class CategoryLogger(FoldingLoggerProvider owner, ILogger behind) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => behind.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => behind.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (
                behind.IsEnabled(logLevel)
                && (logLevel < LogLevel.Information || !owner.IsRepeat(new Line(behind, logLevel, eventId, formatter(state, exception))))
            )
            {
                behind.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
