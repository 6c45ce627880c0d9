namespace RdsTunnel.Aws.Configuration;

/// <summary>White space as Python sees it, which the AWS CLI's files are cut by: four control characters count, too.</summary>
internal static class PythonText
{
    private static readonly char[] LineBreaks = ['\n', '\r', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029'];

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static int IndentOf(string line)
    {
        var indent = 0;
        while (indent < line.Length && IsSpace(line[indent]))
        {
            indent++;
        }

        return indent;
    }

    public static string Strip(string text) => StripEnd(text)[Math.Min(IndentOf(text), StripEnd(text).Length)..];

    public static string StripEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }

    /// <summary>More breaks than a file's own: a form feed ends a line inside of a value.</summary>
    public static string[] Lines(string text) => text.Split(LineBreaks);
}
