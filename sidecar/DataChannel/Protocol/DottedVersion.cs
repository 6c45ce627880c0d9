namespace RdsTunnel.DataChannels.Protocol;

/// <summary>Versions of agents and clients compare as dotted numbers, part by part; a missing part counts as zero.</summary>
public readonly record struct DottedVersion(int Major, int Minor, int Build, int Revision) : IComparable<DottedVersion>
{
    public static bool TryParse(string? text, out DottedVersion version)
    {
        version = default;
        Span<int> parts = stackalloc int[4];
        var count = 0;
        foreach (var range in text.AsSpan().Split('.'))
        {
            if (count == parts.Length || !int.TryParse(text.AsSpan()[range], out parts[count++]))
            {
                return false;
            }
        }

        version = new DottedVersion(parts[0], parts[1], parts[2], parts[3]);
        return true;
    }

    public int CompareTo(DottedVersion other) =>
        (Major, Minor, Build, Revision).CompareTo((other.Major, other.Minor, other.Build, other.Revision));

    public static bool operator <(DottedVersion left, DottedVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(DottedVersion left, DottedVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(DottedVersion left, DottedVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(DottedVersion left, DottedVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Major}.{Minor}.{Build}.{Revision}";
}
