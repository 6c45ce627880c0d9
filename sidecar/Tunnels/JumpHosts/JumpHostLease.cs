using System.Globalization;

namespace RdsTunnel.Tunnels.JumpHosts;

/// <summary>Who has started a jump host, and until when it is wanted at least: a tag of the instance. Whoever started it
/// may die before stopping it; another one that finds the tag does it then.</summary>
/// <remarks><code>rds-tunnel:lease = jane@laptop from=2026-11-29T08:00:00Z until=2026-11-29T08:30:00Z</code></remarks>
/// <param name="Owner">A user and a machine.</param>
/// <param name="From">When it was started: another start, by whom ever, makes the lease void.</param>
internal sealed record JumpHostLease(string Owner, DateTimeOffset From, DateTimeOffset Until)
{
    public const string TagKey = "rds-tunnel:lease";

    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Clocks differ, and a start takes a while to be carried out.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    /// <summary>As much of a name as fits into a tag's value.</summary>
    private const int MaxOwnerLength = 128;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Shorten(Owner)} from={At(From)} until={At(Until)}");

    /// <summary>Null when the tag's value is none of ours.</summary>
    public static JumpHostLease? Parse(string? value) =>
        value?.Split(' ') is [var owner, ['f', 'r', 'o', 'm', '=', .. var from], ['u', 'n', 't', 'i', 'l', '=', .. var until]]
        && TryRead(from, out var since)
        && TryRead(until, out var end)
            ? new JumpHostLease(owner, since, end)
            : null;

    /// <summary>Whether it is about the run that began at this time.</summary>
    public bool IsOf(DateTimeOffset? launchedAt) => launchedAt is { } at && (at - From).Duration() <= Slack;

    public bool IsOwnedBy(string owner) => Owner == Shorten(owner);

    private static string Shorten(string owner)
    {
        var plain = new string([.. owner.Select(c => c is > ' ' and < '\x7f' ? c : '_')]);
        return plain.Length <= MaxOwnerLength ? plain : plain[..MaxOwnerLength];
    }

    private static string At(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    private static bool TryRead(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text,
            Format,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out time
        );
}
