using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RdsTunnel.Tunnels;

/// <summary>The reason that is given for a session, which the account's administrators read in its
/// history: a template, filled in for each session.</summary>
/// <remarks><c>${name}</c> is replaced by the tunnel's name, and so on for all
/// <see cref="Placeholders"/>; what the tunnel does not name is left empty.</remarks>
public static partial class SessionReason
{
    /// <summary>StartSession's own limit.</summary>
    public const int MaxLength = 256;

    public const string Default = "rds-tunnel: ${name}";

    /// <summary>For the sessions that a check opens.</summary>
    public const string DefaultOfCheck = "rds-tunnel check: ${name}";

    private const string Cut = "…";

    /// <summary>The names that a template may use.</summary>
    public static IReadOnlyList<string> Placeholders { get; } =
    ["name", "host", "port", "target", "localPort", "profile", "region", "user", "machine"];

    /// <summary>A template without mistakes, as a regular expression.</summary>
    public static string Pattern { get; } = @"^(?:[^$]|\$(?!\{)|\$\{(?:" + string.Join('|', Placeholders) + @")\})+$";

    /// <summary>What is wrong with a template, to be put after its field's name; null when nothing is.</summary>
    public static string? ProblemOf(string template)
    {
        foreach (var match in Placeholder.EnumerateMatches(template))
        {
            var placeholder = template.AsSpan(match.Index, match.Length);
            if (placeholder[^1] != '}')
            {
                return "has an unclosed ${";
            }

            var name = placeholder[2..^1].ToString();
            if (!Placeholders.Contains(name))
            {
                return $"has an unknown placeholder, ${{{(name.Length <= 32 ? WithoutControl(name) : "…")}}}; use "
                    + string.Join(", ", Placeholders.Select(known => $"${{{known}}}"));
            }
        }

        return null;
    }

    /// <summary>1 to 256 characters without control characters; what is longer is cut before a whole character.</summary>
    public static string Expand(string template, TunnelRequest request, string target, int localPort)
    {
        var text = Placeholder.Replace(
            template,
            match =>
                match.ValueSpan[2..^1] switch
                {
                    "name" => request.Name ?? $"{request.Host ?? target}:{request.Port}",
                    "host" => request.Host ?? target,
                    "port" => request.Port.ToString(CultureInfo.InvariantCulture),
                    "target" => target,
                    "localPort" => localPort.ToString(CultureInfo.InvariantCulture),
                    "profile" => request.Scope.Profile ?? "",
                    "region" => request.Scope.Region ?? "",
                    "user" => CurrentUser.Name,
                    "machine" => Environment.MachineName,
                    _ => "",
                }
        );
        var reason = Shortened(WithoutControl(text).Trim());
        return reason.Length > 0 ? reason : Expand(Default, request, target, localPort);
    }

    // A line break or a tab separates words; other control characters, and marks that turn the
    // direction of what follows, mean nothing in a list.
    private static string WithoutControl(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // half a character becomes U+FFFD
        {
            if (Rune.IsWhiteSpace(rune))
            {
                clean.Append(' ');
            }
            else if (!Rune.IsControl(rune) && rune.Value is not ((>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069)))
            {
                clean.Append(rune);
            }
        }

        return clean.ToString();
    }

    // What a person sees as one character (an emoji with its modifiers, a letter with its accents) is kept or left out as a whole.
    private static string Shortened(string text)
    {
        if (text.Length <= MaxLength)
        {
            return text;
        }

        var end = 0;
        while (end + StringInfo.GetNextTextElementLength(text, end) is var next && next <= MaxLength - Cut.Length)
        {
            end = next;
        }

        return $"{text.AsSpan(0, end).TrimEnd()}{Cut}";
    }

    [GeneratedRegex(@"\$\{[^}]*\}?", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder { get; }
}
