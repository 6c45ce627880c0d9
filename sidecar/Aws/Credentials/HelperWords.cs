using System.Text;
using System.Text.RegularExpressions;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>The last lines of what a helper program says, fit to be shown and logged: no control characters, and nothing that is or looks like a secret.</summary>
internal static partial class HelperWords
{
    private const int MaxLines = 3;
    private const int MaxChars = 300;
    private const int MinSecretChars = 6; // what is shorter would take ordinary words out, too
    private const string Hidden = "***";
    private const RegexOptions Plain = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <param name="commandLine">Its arguments may be passwords, which it may repeat.</param>
    /// <param name="output">What it printed may be credentials.</param>
    /// <returns>Empty when it said nothing.</returns>
    public static string Of(string errors, bool isCut, string commandLine, string output)
    {
        // Of a word that was cut, nobody can tell what it was.
        var text = isCut ? errors[Math.Max(0, errors.AsSpan().IndexOfAny(' ', '\n', '\t'))..] : errors;
        text = Escape().Replace(text, "");
        foreach (var secret in Secrets(commandLine, output))
        {
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
        }

        text = UserInfo().Replace(text, $"://{Hidden}@");
        text = Scheme().Replace(text, $"${{scheme}} {Hidden}");
        text = Named().Replace(text, $"${{name}}{Hidden}");
        text = Word().Replace(text, match => LooksRandom(match.Value) ? Hidden : match.Value);

        var lines = text.Split('\n', '\r').Select(Clean).Where(line => line.Length > 0).TakeLast(MaxLines);
        var last = string.Join(" / ", lines);
        return last.Length <= MaxChars ? last : $"…{last[^MaxChars..]}";
    }

    private static IEnumerable<string> Secrets(string commandLine, string output)
    {
        var arguments = (ShellWords.Split(commandLine) ?? []).Skip(1)
            .Select(word => word is ['-', ..] ? word[(word.IndexOf('=', StringComparison.Ordinal) is var equals and > 0 ? equals + 1 : word.Length)..] : word);
        return arguments.Concat(Word().Matches(output).Select(match => match.Value))
            .Where(secret => secret.Length >= MinSecretChars).Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length);
    }

    // As keys and tokens do: no word of a language has all of these. Hexadecimal digits are as long as a hash.
    private static bool LooksRandom(string word) =>
        (word.Length >= 20 && word.Any(char.IsAsciiLetterUpper) && word.Any(char.IsAsciiLetterLower) && word.Any(char.IsAsciiDigit))
        || (word.Length >= 32 && word.All(char.IsAsciiHexDigit));

    private static string Clean(string line)
    {
        var clean = new StringBuilder(line.Length);
        foreach (var rune in line.EnumerateRunes())
        {
            var isShown = Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator);
            clean.Append(isShown ? rune.ToString() : " ");
        }

        return Spaces().Replace(clean.ToString(), " ").Trim();
    }

    // What a terminal would obey: colours, titles.
    [GeneratedRegex(@"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(\x07|\x1b\\)?|[@-Z\\^_])", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();

    [GeneratedRegex(@"://[^/\s@]*@", Plain)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"\b(?<scheme>bearer|basic|digest|negotiate)\s+[A-Za-z0-9+/=._~-]{6,}", Plain)]
    private static partial Regex Scheme();

    [GeneratedRegex(
        @"(?<name>(secret|token|passw(or)?d|passphrase|pwd|credential|authorization|cookie|assertion|[a-z]+[_-]?key(_?id)?|\b(code|otp|pin))[\w.-]*[""']?\s*[:=]\s*)(""[^""\n]*""|'[^'\n]*'|[^\s,;]+)",
        Plain)]
    private static partial Regex Named();

    [GeneratedRegex(@"[A-Za-z0-9+/=_.~-]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
