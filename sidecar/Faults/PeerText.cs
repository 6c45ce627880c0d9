using System.Globalization;
using System.Text;

namespace RdsTunnel.Faults;

/// <summary>What the other side of a connection said of its own accord, such as the reason of a websocket's close, made fit for a log or an error.</summary>
public static class PeerText
{
    /// <summary>A sentence or two: longer ones are cut.</summary>
    private const int MaxChars = 200;

    /// <summary>Words of this length are not prose; keys, tokens and signatures are longer than it.</summary>
    private const int MaxWordChars = 32;

    /// <summary>A part of a secret that is as short as this tells nobody anything, and stands in ordinary words too.</summary>
    private const int MinSecretChars = 8;

    private const string Hidden = "***";

    /// <summary>One line without control characters, and without what is or may be a secret. Empty when nothing was said.</summary>
    /// <param name="secret">What this side has presented: no part of it is repeated.</param>
    public static string Clean(string? text, string? secret = null)
    {
        if (text is null)
        {
            return "";
        }

        var clean = new StringBuilder();
        var word = new StringBuilder();
        // Cut between words, after those that may be secrets have been hidden: half of one would pass for prose.
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && IsOfASecret((char)rune.Value))
            {
                word.Append((char)rune.Value);
                continue;
            }

            Take(word, clean, secret);
            if (clean.Length >= MaxChars)
            {
                break;
            }

            Append(clean, rune);
        }

        Take(word, clean, secret);
        return (clean.Length > MaxChars ? clean.ToString(0, MaxChars) + "…" : clean.ToString()).Trim();
    }

    // What base64, its form for URLs, hexadecimal digits and percent-encoding are made of.
    private static bool IsOfASecret(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '-' or '_' or '%';

    private static void Take(StringBuilder word, StringBuilder clean, string? secret)
    {
        var text = word.ToString();
        word.Clear();
        clean.Append(text.Length > MaxWordChars || HasPartOf(text, secret) ? Hidden : text);
    }

    private static bool HasPartOf(string word, string? secret)
    {
        for (var start = 0; secret is not null && start + MinSecretChars <= word.Length; start++)
        {
            if (secret.AsSpan().Contains(word.AsSpan(start, MinSecretChars), StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static void Append(StringBuilder clean, Rune rune)
    {
        if (!Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned))
        {
            clean.Append(rune.ToString());
        }
        else if (clean.Length > 0 && clean[^1] != ' ')
        {
            clean.Append(' ');
        }
    }
}
