using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Faults;

namespace RdsTunnel.Host;

/// <summary>An object for each message, on a line of its own, as cloud-sql-proxy writes them and Google's and other collectors read them:
/// <c>{"severity":"INFO","timestamp":"…","message":"…","logger":"Tunnels","event":300,"fields":{…}}</c></summary>
internal sealed class JsonLog : ILogFormat
{
    /// <summary>The message's template, among its values.</summary>
    private const string Template = "{OriginalFormat}";

    public string Line<TState>(LogEntry<TState> entry, DateTimeOffset time) =>
        Write(
            entry.LogLevel,
            time,
            entry.Formatter(entry.State, entry.Exception),
            json =>
            {
                json.WriteString("logger", entry.Category);
                json.WriteNumber("event", entry.EventId.Id);
                if (entry.State is IReadOnlyList<KeyValuePair<string, object?>> values)
                {
                    json.WriteStartObject("fields");
                    foreach (var (name, value) in values.Where(each => each.Key != Template))
                    {
                        Write(json, name, value);
                    }

                    json.WriteEndObject();
                }

                if (entry.Exception is { } exception)
                {
                    json.WriteString("exception", SafeText.Trace(exception));
                }
            }
        );

    public string Dropped(int lines, DateTimeOffset time) =>
        Write(
            LogLevel.Warning,
            time,
            $"{lines} older lines dropped: standard error is full or read too slowly",
            json => json.WriteNumber("dropped", lines)
        );

    private static string Write(LogLevel level, DateTimeOffset time, string message, Action<Utf8JsonWriter> writeMore)
    {
        var line = new ArrayBufferWriter<byte>();
        // Its default encoder lets no character through at which some reader ends a line.
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("severity", SeverityOf(level));
            json.WriteString("timestamp", time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("message", message);
            writeMore(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(line.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long or ushort:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string SeverityOf(LogLevel level) =>
        level switch
        {
            LogLevel.Trace or LogLevel.Debug => "DEBUG",
            LogLevel.Information => "INFO",
            LogLevel.Warning => "WARNING",
            LogLevel.Error => "ERROR",
            _ => "CRITICAL",
        };
}
