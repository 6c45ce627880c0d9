using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Rpc;

namespace RdsTunnel.Host;

/// <summary>Writes a line for each message to standard error, in the background: a reader that has
/// stopped reading never stops a tunnel.</summary>
internal sealed class StderrLoggerProvider : ILoggerProvider, IAsyncDisposable
{
    /// <summary>What is logged in a burst; when the reader is slower, the oldest lines go, and are counted.</summary>
    private const int MaxWaitingLines = 1000;

    /// <summary>After a line that could not be written, on a full disk, say.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan DrainTime = TimeSpan.FromMilliseconds(500);

    private readonly LogLevelSwitch _level;
    private readonly TimeProvider _time;
    private readonly ILogFormat _format;
    private readonly Channel<string> _lines;
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _writing;
    private int _dropped;

    /// <param name="format">Null for text.</param>
    public StderrLoggerProvider(Stream output, LogLevelSwitch level, TimeProvider time, ILogFormat? format = null)
    {
        (_level, _time, _format) = (level, time, format ?? new TextLog());
        _lines = Channel.CreateBounded<string>(
            new BoundedChannelOptions(MaxWaitingLines) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped)
        );
        _writing = Task.Run(() => WriteAsync(output));
    }

    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this, categoryName);

    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _closing.TrySetResult();
    }

    /// <summary>Waits, though not for long, until everything is written.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _writing.WaitAsync(DrainTime, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // there is nowhere left to say it
    }

    private async Task WriteAsync(Stream output)
    {
        var begin = "";
        await foreach (var line in _lines.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            var dropped = Interlocked.Exchange(ref _dropped, 0);
            var text = dropped == 0 ? line : $"{_format.Dropped(dropped, _time.GetUtcNow())}\n{line}";
            try
            {
                await output.WriteAsync(Encoding.UTF8.GetBytes($"{begin}{text}\n")).ConfigureAwait(false);
                begin = "";
            }
            catch (Exception e) when (TerminalLines.IsNotWritten(e))
            {
                // There may be room again later, and half of a line is there.
                Interlocked.Add(ref _dropped, dropped + 1);
                begin = "\n";
                await _closing.Task.WaitAsync(PauseAfterFailure, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private sealed class CategoryLogger(StderrLoggerProvider owner, string category) : ILogger
    {
        private readonly string _name = category[(category.LastIndexOf('.') + 1)..]; // without its namespace

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => owner._level.Allows(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
            {
                owner._lines.Writer.TryWrite(
                    owner._format.Line(new LogEntry<TState>(logLevel, _name, eventId, state, exception, formatter), owner._time.GetUtcNow())
                );
            }
        }
    }
}
