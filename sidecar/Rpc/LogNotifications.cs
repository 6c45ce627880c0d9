using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;

namespace RdsTunnel.Rpc;

/// <summary>Sends what is logged to the client, once there is one. When the client reads too slowly, the oldest messages go, and
/// the next one says how many. Thread-safe.</summary>
public sealed class LogNotifications(LogLevelSwitch level, TimeProvider time) : ILoggerProvider
{
    /// <summary>What happened around a problem, however slow the client: about 200 KB of messages of usual length.</summary>
    public const int MaxWaiting = 1000;

    /// <summary>Room for a sentence and a deep stack trace; what is longer is cut.</summary>
    public const int MaxTextLength = 8 * 1024;

    private readonly LogLevelSwitch _level = level;
    private readonly TimeProvider _time = time;
    private volatile JsonRpcConnection? _client;

    /// <summary>From now on messages go to <paramref name="client"/>; earlier ones do not.</summary>
    public void SendTo(JsonRpcConnection client) => _client = client;

    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this, categoryName);

    public void Dispose() => _client = null;

    private sealed class CategoryLogger(LogNotifications owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => owner._client is not null && owner._level.Allows(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var message = new LogParams(
                logLevel,
                category,
                eventId.Id,
                Cut(ForeignText.Line(formatter(state, exception))),
                owner._time.GetUtcNow(),
                exception is null ? null : Cut(SafeText.Trace(exception))
            );
            owner._client?.Notify(
                ServerNotifications.Log.Name,
                MaxWaiting,
                ServerNotifications.Log,
                message,
                static (message, dropped) => dropped == 0 ? message : message with { Dropped = dropped }
            );
        }

        private static string Cut(string text) => text.Length <= MaxTextLength ? text : string.Concat(text.AsSpan(0, MaxTextLength), "…");
    }
}
