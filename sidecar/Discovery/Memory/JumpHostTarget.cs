using System.Text.RegularExpressions;

namespace RdsTunnel.Discovery.Memory;

/// <summary>What StartSession takes: <c>i-…</c>, <c>mi-…</c>, <c>ecs:…</c>.</summary>
public static partial class JumpHostTarget
{
    private const int MaxChars = 400; // StartSession's own limit

    public static bool IsOne(string text) => text.Length <= MaxChars && Pattern().IsMatch(text);

    [GeneratedRegex(@"\A(i-|mi-|ecs:)[A-Za-z0-9_.:/-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
