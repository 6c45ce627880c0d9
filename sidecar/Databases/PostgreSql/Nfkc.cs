namespace RdsTunnel.Databases.PostgreSql;

/// <summary>Unicode's normal form KC: what looks the same, or means the same, becomes the same. .NET
/// has none in a program without culture data.</summary>
/// <remarks><see href="https://www.unicode.org/reports/tr15/"/> Of code points that Unicode 3.2
/// has; others stay as they are.</remarks>
internal static class Nfkc
{
    /// <summary>No code point becomes more.</summary>
    public const int MaxGrowth = 18;

    private const int Syllables = 0xac00;
    private const int Leads = 0x1100;
    private const int Vowels = 0x1161;
    private const int Trails = 0x11a7; // itself none
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;

    /// <param name="text">Code points.</param>
    /// <param name="normal">Of <see cref="MaxGrowth"/> times the length.</param>
    /// <returns>How many there are in it.</returns>
    public static int Normalize(ReadOnlySpan<int> text, Span<int> normal)
    {
        var length = Decompose(text, normal);
        Sort(normal[..length]);
        return Compose(normal[..length]);
    }

    private static int Decompose(ReadOnlySpan<int> text, Span<int> parts)
    {
        var length = 0;
        foreach (var one in text)
        {
            if (one is >= Syllables and < Syllables + (LeadCount * VowelCount * TrailCount))
            {
                var syllable = one - Syllables;
                parts[length++] = Leads + (syllable / (VowelCount * TrailCount));
                parts[length++] = Vowels + (syllable / TrailCount % VowelCount);
                if (syllable % TrailCount is > 0 and var trail)
                {
                    parts[length++] = Trails + trail;
                }
            }
            else if (UnicodeTables.Instance.Decompositions.TryGetValue(one, out var decomposition))
            {
                decomposition.CopyTo(parts[length..]);
                length += decomposition.Length;
            }
            else
            {
                parts[length++] = one;
            }
        }

        return length;
    }

    // Marks behind a letter have an order; those of one class keep theirs.
    private static void Sort(Span<int> parts)
    {
        for (var i = 1; i < parts.Length; i++)
        {
            var ofPart = ClassOf(parts[i]);
            for (var at = i; ofPart > 0 && at > 0 && ClassOf(parts[at - 1]) > ofPart; at--)
            {
                (parts[at - 1], parts[at]) = (parts[at], parts[at - 1]);
            }
        }
    }

    private static int Compose(Span<int> parts)
    {
        var length = 0;
        var starter = -1;
        var before = -1; // the class of what stands between the starter and the next one; -1 for nothing
        foreach (var part in parts)
        {
            var ofPart = ClassOf(part);
            if (starter >= 0 && before < ofPart && PairOf(parts[starter], part) is { } pair)
            {
                parts[starter] = pair;
                continue;
            }

            (starter, before) = ofPart == 0 ? (length, -1) : (starter, ofPart);
            parts[length++] = part;
        }

        return length;
    }

    private static int? PairOf(int first, int second) =>
        (first - Leads, second - Vowels) is (>= 0 and < LeadCount, >= 0 and < VowelCount) and var (lead, vowel)
            ? Syllables + (((lead * VowelCount) + vowel) * TrailCount)
        : first is >= Syllables and < Syllables + (LeadCount * VowelCount * TrailCount)
        && (first - Syllables) % TrailCount == 0
        && second - Trails is > 0 and < TrailCount
            ? first + second - Trails
        : UnicodeTables.Instance.Pairs.TryGetValue((first, second), out var pair) ? pair
        : null;

    private static int ClassOf(int one) => UnicodeTables.Instance.Classes.GetValueOrDefault(one);
}
