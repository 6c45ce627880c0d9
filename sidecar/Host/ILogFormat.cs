using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Faults;

namespace RdsTunnel.Host;

/// <summary>What a line of the log looks like. Thread-safe.</summary>
internal interface ILogFormat
{
    /// <returns>Without the line feed at its end.</returns>
    string Line<TState>(LogEntry<TState> entry, DateTimeOffset time);

    /// <summary>Says that older lines are missing.</summary>
    string Dropped(int lines, DateTimeOffset time);
}

/// <summary>For people; an exception is told in further lines.</summary>
internal sealed class TextLog : ILogFormat
{
    public string Line<TState>(LogEntry<TState> entry, DateTimeOffset time)
    {
        var reason = entry.Exception is null ? "" : $"\n{SafeText.Trace(entry.Exception)}";
        // A name in it may be anybody's: it makes no further line, and tells the terminal nothing.
        var message = ForeignText.Line(entry.Formatter(entry.State, entry.Exception));
        return $"{time:yyyy-MM-ddTHH:mm:ss.fffZ} {entry.LogLevel} {entry.Category}[{entry.EventId.Id}] {message}{reason}";
    }

    public string Dropped(int lines, DateTimeOffset time) => $"({lines} older lines dropped: standard error is full or read too slowly)";
}
