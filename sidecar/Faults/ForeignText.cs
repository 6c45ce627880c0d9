using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RdsTunnel.Faults;

/// <summary>What another program says (a service, an agent, a helper), fit to be shown and logged:
/// on one line, and without anything that is or looks like a secret.</summary>
public static partial class ForeignText
{
    private const string Hidden = "***";
    private const int MaxChars = 200; // a sentence or two
    private const int MaxReadChars = 16 * 1024; // of an answer of megabytes, no more than this is looked at
    private const int MaxNameChars = 80; // AWS's longest error codes have 60
    private const int MinSecretChars = 6; // what is shorter would take ordinary words out, too
    private const int PartChars = 8; // so much of a secret is hidden wherever it stands; less tells nobody anything
    private const RegexOptions Plain = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <summary>The beginning of a text; empty when there is none.</summary>
    /// <param name="secrets">What it may repeat, in whole or in part.</param>
    public static string Quote(string? text, ReadOnlySpan<string?> secrets = default, int maxChars = MaxChars)
    {
        if (text is null)
        {
            return "";
        }

        // Cut after a whole word, so that no part of a secret passes for one; and again at the end, when the secrets are gone.
        var read =
            text.Length <= MaxReadChars ? text : text[..(text.LastIndexOf(' ', MaxReadChars) is var end and > 0 ? end : MaxReadChars)];
        var line = Line(WithoutSecrets(read, secrets.ToArray()));
        return line.Length <= maxChars ? line : $"{line[..(char.IsHighSurrogate(line[maxChars - 1]) ? maxChars - 1 : maxChars)]}…";
    }

    /// <summary>A name that another program gives something: an error's code, a media type. Empty
    /// when it is none, or may be a secret.</summary>
    public static string Name(string? text) =>
        text is { Length: > 0 and <= MaxNameChars } && WholeName().IsMatch(text) && !LooksRandom(text) ? text : "";

    /// <param name="secrets">What is known to be one, beside what looks like one.</param>
    public static string WithoutSecrets(string text, IEnumerable<string?> secrets)
    {
        string[] known =
        [
            .. secrets
                .OfType<string>()
                .Where(secret => secret.Length >= MinSecretChars)
                .Distinct(StringComparer.Ordinal)
                .OrderByDescending(secret => secret.Length),
        ];
        text = known.Aggregate(text, (left, secret) => left.Replace(secret, Hidden, StringComparison.Ordinal));
        text = UserInfo().Replace(text, $"://{Hidden}@");
        text = Scheme().Replace(text, $"${{scheme}} {Hidden}");
        text = Named().Replace(text, $"${{name}}{Hidden}");
        text = Told().Replace(text, $"${{name}}{Hidden}");
        var parts = PartsOf(known);
        return Word().Replace(text, match => LooksRandom(match.Value) || HasPart(match.ValueSpan, parts) ? Hidden : match.Value);
    }

    /// <summary>True when a word of it looks like a secret.</summary>
    public static bool HasSecret(string text) => WordsOf(text).Any(LooksRandom);

    /// <summary>The words that <see cref="WithoutSecrets"/> would look at.</summary>
    public static IEnumerable<string> WordsOf(string text) => Word().Matches(text).Select(match => match.Value);

    /// <summary>One line without control characters, and without what a terminal would obey.</summary>
    public static string Line(string text)
    {
        if (IsLine(text))
        {
            return text;
        }

        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var isShown =
                Rune.GetUnicodeCategory(rune)
                is not (
                    UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.OtherNotAssigned
                );
            line.Append(isShown ? rune.ToString() : " ");
        }

        return Spaces().Replace(line.ToString(), " ").Trim();
    }

    // As nearly all texts are.
    private static bool IsLine(string text) =>
        !text.AsSpan().ContainsAnyExceptInRange(' ', '~')
        && !text.Contains("  ", StringComparison.Ordinal)
        && text is not ([' ', ..] or [.., ' ']);

    // As keys and tokens do: no word of a language has all of these. Hexadecimal digits are as long as a hash.
    private static bool LooksRandom(string word) =>
        !word.StartsWith("arn:", StringComparison.Ordinal)
        && (
            (word.Length >= 20 && word.Any(char.IsAsciiLetterUpper) && word.Any(char.IsAsciiLetterLower) && word.Any(char.IsAsciiDigit))
            || (word.Length >= 32 && word.All(char.IsAsciiHexDigit))
        );

    private static HashSet<string>.AlternateLookup<ReadOnlySpan<char>> PartsOf(string[] secrets)
    {
        var parts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var secret in secrets)
        {
            for (var start = 0; start + PartChars <= secret.Length; start++)
            {
                parts.Add(secret.Substring(start, PartChars));
            }
        }

        return parts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    private static bool HasPart(ReadOnlySpan<char> word, HashSet<string>.AlternateLookup<ReadOnlySpan<char>> parts)
    {
        for (var start = 0; start + PartChars <= word.Length; start++)
        {
            if (parts.Contains(word.Slice(start, PartChars)))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"://\S{1,256}@", Plain)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"\b(?<scheme>bearer|basic|digest|negotiate)\s+[A-Za-z0-9+/=._~-]{6,}", Plain)]
    private static partial Regex Scheme();

    // Password=…, "token": "…", \"secret\":\"…\", <SecretAccessKey>…
    [GeneratedRegex(
        @"(?<name>(secret|token|passw(or)?d|passphrase|pwd|credential|authorization|cookie|assertion|[a-z]{1,32}[_-]?key(_?id)?|\b(code|otp|pin))[\w.-]{0,64}\\*[""']?\s*[:=>]\s*)(\\*""[^""\n]*""|\\*'[^'\n]*'|[^\s,;<]+)",
        Plain
    )]
    private static partial Regex Named();

    // The password 'hunter2', the token is A1b2: not "the token has expired".
    [GeneratedRegex(
        @"(?<name>\b(secret|token|passw(or)?d|passphrase|pwd|otp|pin|(access|secret|api)[ _-]?key)\s+((is|was|of)\s+)?)(""[^""\n]+""|'[^'\n]+'|(?=\S*(?-i:[0-9A-Z+/=_]))[^\s,;]{4,})|(?<name>\bcode\s+((is|was)\s+)?)\d{6}\b",
        Plain
    )]
    private static partial Regex Told();

    // A name of AWS's own is one word, however random its parts. What JSON or a URL has escaped belongs to its word.
    [GeneratedRegex(@"arn:[A-Za-z0-9:+=,.@/_*~-]{1,200}|[A-Za-z0-9+/=_.~%\\-]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9._+/-]*\z")]
    private static partial Regex WholeName();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
