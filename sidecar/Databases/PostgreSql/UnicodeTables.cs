using System.Globalization;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>What <c>scripts/saslprep.py</c> has taken from Unicode's data. Only code points of Unicode 3.2 are in it.</summary>
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> Read = new(() =>
    {
        using var file = new StreamReader(typeof(UnicodeTables).Assembly.GetManifestResourceStream("saslprep.txt")!);
        return new UnicodeTables(file.ReadToEnd());
    });

    private UnicodeTables(string text)
    {
        var tables = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => line.Split(' '))
            .ToDictionary(line => line[0], line => line[1..]);
        Unassigned = new CodePointRanges(tables["unassigned"]);
        Spaces = new CodePointRanges(tables["space"]);
        Nothing = new CodePointRanges(tables["nothing"]);
        Prohibited = new CodePointRanges(tables["prohibited"]);
        RightToLeft = new CodePointRanges(tables["right"]);
        LeftToRight = new CodePointRanges(tables["left"]);
        Classes = Map(tables["class"], CodePoint, value => byte.Parse(value, CultureInfo.InvariantCulture));
        Decompositions = Map(tables["full"], CodePoint, CodePoints);
        Pairs = Map(tables["pair"], key => CodePoints(key) is [var first, var second] ? (first, second) : default, CodePoint);
    }

    public static UnicodeTables Instance => Read.Value;

    public CodePointRanges Unassigned { get; }

    /// <summary>Other spaces than ASCII's.</summary>
    public CodePointRanges Spaces { get; }

    /// <summary>What nobody sees: soft hyphens, for example.</summary>
    public CodePointRanges Nothing { get; }

    public CodePointRanges Prohibited { get; }

    public CodePointRanges RightToLeft { get; }

    public CodePointRanges LeftToRight { get; }

    /// <summary>Combining classes that are not zero.</summary>
    public Dictionary<int, byte> Classes { get; }

    /// <summary>In full, with compatibility; without Hangul.</summary>
    public Dictionary<int, int[]> Decompositions { get; }

    /// <summary>What two code points are composed to; without Hangul.</summary>
    public Dictionary<(int First, int Second), int> Pairs { get; }

    internal static int CodePoint(string hex) => int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static int[] CodePoints(string hexes) => [.. hexes.Split('+').Select(CodePoint)];

    private static Dictionary<TKey, TValue> Map<TKey, TValue>(string[] entries, Func<string, TKey> key, Func<string, TValue> value)
        where TKey : notnull => entries.Select(entry => entry.Split('=')).ToDictionary(entry => key(entry[0]), entry => value(entry[1]));
}

/// <summary>Some of Unicode's code points.</summary>
/// <param name="ranges">Each <c>first-last</c>, in order.</param>
internal sealed class CodePointRanges(string[] ranges)
{
    private readonly int[] _firsts = [.. ranges.Select(range => UnicodeTables.CodePoint(range.Split('-')[0]))];
    private readonly int[] _lasts = [.. ranges.Select(range => UnicodeTables.CodePoint(range.Split('-')[1]))];

    public bool Contains(int codePoint)
    {
        var found = Array.BinarySearch(_firsts, codePoint);
        return found >= 0 || (~found > 0 && codePoint <= _lasts[~found - 1]);
    }
}
