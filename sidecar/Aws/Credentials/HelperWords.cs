using System.Text.RegularExpressions;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.Credentials;

/// <summary>The last lines of what a helper program says, fit to be shown and logged.</summary>
internal static partial class HelperWords
{
    private const int MaxLines = 3;
    private const int MaxChars = 300;

    /// <param name="commandLine">Its arguments may be passwords, which it may repeat.</param>
    /// <param name="output">What it printed may be credentials.</param>
    /// <returns>Empty when it said nothing.</returns>
    public static string Of(string errors, bool isCut, string commandLine, string output)
    {
        var text = Escape().Replace(isCut ? WholeWords(errors) : errors, "");
        text = ForeignText.WithoutSecrets(text, Secrets(commandLine, output));
        var lines = text.Split('\n', '\r').Select(ForeignText.Line).Where(line => line.Length > 0).TakeLast(MaxLines);
        var last = string.Join(" / ", lines);
        return last.Length <= MaxChars ? last : $"…{last[^MaxChars..]}";
    }

    private static IEnumerable<string> Secrets(string commandLine, string output)
    {
        string[] arguments = [.. (ShellWords.Split(commandLine) ?? []).Skip(1)];
        return arguments
            .Select(ValueOf)
            .Concat(arguments.SelectMany(ForeignText.WordsOf).Where(word => word.Any(char.IsAsciiDigit))) // of a script, say: sh -c '…'
            .Concat(ForeignText.WordsOf(output));
    }

    // hunter2, --password=hunter2, -phunter2
    private static string ValueOf(string argument) =>
        argument switch
        {
            ['-', ..] when argument.IndexOf('=', StringComparison.Ordinal) is var equals and > 0 => argument[(equals + 1)..],
            ['-', '-', ..] => "",
            ['-', _, .. var value] => value,
            _ => argument,
        };

    // Of a word that was cut, nobody can tell what it was; nor of the next one, where the first may have named it.
    private static string WholeWords(string errors)
    {
        var rest = AfterWord(errors);
        var first = errors[..^rest.Length].TrimEnd();
        return first.Length == 0 || first[^1] is ':' or '=' or '>' or '"' or '\'' ? AfterWord(rest) : rest;
    }

    private static string AfterWord(string text) =>
        text.AsSpan().IndexOfAny(' ', '\n', '\t') is var end and >= 0 ? text[end..].TrimStart() : "";

    // What a terminal would obey: colors, titles.
    [GeneratedRegex(@"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(\x07|\x1b\\)?|[@-Z\\^_])", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
