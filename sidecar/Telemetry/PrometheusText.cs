using System.Globalization;
using System.Text;

namespace RdsTunnel.Telemetry;

/// <summary>The words of Prometheus' text format, version 0.0.4, and of OpenTelemetry's rules for names in it.</summary>
internal static class PrometheusText
{
    /// <summary><c>rds_tunnel.network.io</c> in <c>By</c>, a counter: <c>rds_tunnel_network_io_bytes_total</c>.</summary>
    public static string NameOf(string instrument, string? unit, bool isCounter)
    {
        var name = LabelName(instrument);
        var suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            null or "" or "1" => "",
            _ when unit.StartsWith('{') => "",
            _ => $"_{LabelName(unit)}",
        };
        return (name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix) + (isCounter ? "_total" : "");
    }

    /// <summary>Labels in braces, or nothing.</summary>
    public static string Braces(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    /// <summary><c>tunnel="orders",state="Open"</c>.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(LabelName(name)).Append("=\"");
            AppendEscaped(text, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quotes: true);
            text.Append('"');
        }

        return text.ToString();
    }

    public static string Help(string words)
    {
        var text = new StringBuilder();
        AppendEscaped(text, words, quotes: false);
        return text.ToString();
    }

    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string LabelName(string name) =>
        string.Concat(name.Select((c, at) => char.IsAsciiLetter(c) || c == '_' || (at > 0 && char.IsAsciiDigit(c)) ? c : '_'));

    // Any text may be a value; what readers of lines and of strings in C stumble over is not in it.
    private static void AppendEscaped(StringBuilder text, string value, bool quotes)
    {
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '"' when quotes => text.Append("\\\""),
                _ => text.Append(IsShown(rune) ? rune.ToString() : "\uFFFD"),
            };
        }
    }

    // A dashboard is read by people: what is not seen, or turns the direction of a text, is none of its words.
    private static bool IsShown(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
