using System.Globalization;
using System.Text.RegularExpressions;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Reads a moment as people's programs write it, in the forms that the AWS CLI (by Python's dateutil) takes.</summary>
/// <remarks><code>
/// 2026-11-28T03:56:02Z           ISO 8601, in its long and its short form
/// 2026-11-28 03:56:02+00:00      str(datetime) of Python
/// 2026-11-28 03:56:02 UTC        the zone: Z, UTC, GMT, +hh:mm, +hhmm, +hh
/// Sat, 28 Nov 2026 03:56:02 GMT  e-mail
/// Sat Nov 28 03:56:02 UTC 2026   date(1)
/// </code>
/// What names no zone is no moment. 1/2/2026 is the second of January.</remarks>
internal static partial class WrittenTime
{
    private const RegexOptions Plain =
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking;
    private const int MaxChars = 100;

    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        text = text.Trim();
        var clock =
            text.Length > MaxChars ? Match.Empty
            : Clock().Match(text) is { Success: true } found ? found
            : ShortClock().Match(text);
        if (!clock.Success)
        {
            return false;
        }

        var after = Rest().Match(text[(clock.Index + clock.Length)..]);
        var date = $"{text[..clock.Index]} {clock.Groups["date"].Value} {after.Groups["date"].Value}".Trim();
        if (
            !after.Success
            || !TryParseDate(date, out var day)
            || !TryParseZone(after.Groups["zone"].Value, out var offset)
            || !TryParseHour(clock, after.Groups["half"].Value, out var hour)
        )
        {
            return false;
        }

        var (minute, second) = (Number(clock.Groups["minute"]), Number(clock.Groups["second"]));
        if (minute > 59 || second > 59)
        {
            return false;
        }

        var fraction = double.Parse($"0.{clock.Groups["fraction"].Value}0", CultureInfo.InvariantCulture);
        var ticks = day.ToDateTime(new TimeOnly(hour, minute, second)).AddSeconds(fraction).Ticks - offset.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TryParseHour(Match clock, string half, out int hour)
    {
        hour = Number(clock.Groups["hour"]);
        if (half.Length == 0)
        {
            return hour < 24;
        }

        var isHalf = hour is >= 1 and <= 12;
        hour = (hour % 12) + (half[0] is 'p' or 'P' ? 12 : 0);
        return isHalf;
    }

    private static bool TryParseZone(string zone, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (zone is not ['+' or '-', .. var distance])
        {
            return zone.Length > 0;
        }

        var digits = distance.Replace(":", "", StringComparison.Ordinal);
        var hours = int.Parse(digits[..Math.Min(2, digits.Length)], CultureInfo.InvariantCulture);
        var minutes = digits.Length == 4 ? int.Parse(digits[2..], CultureInfo.InvariantCulture) : 0;
        offset = new TimeSpan(hours, minutes, 0) * (zone[0] == '-' ? -1 : 1);
        return hours < 24 && minutes < 60;
    }

    private static bool TryParseDate(string text, out DateOnly day)
    {
        day = default;
        var match = Date().Match(text);
        var (year, month, inMonth) = (Number(match.Groups["year"]), Number(match.Groups["month"]), Number(match.Groups["day"]));
        if (match.Groups["name"] is { Success: true, Value: var name })
        {
            month = DateTime.TryParseExact(name[..3], "MMM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var named)
                ? named.Month
                : 0;
        }
        else if (match.Groups["first"].Success)
        {
            // The month goes first, unless it cannot be one.
            var (first, second) = (Number(match.Groups["first"]), Number(match.Groups["second"]));
            (month, inMonth) = first > 12 ? (second, first) : (first, second);
        }

        var isDay = year is >= 1 and <= 9999 && month is >= 1 and <= 12 && inMonth >= 1 && inMonth <= DateTime.DaysInMonth(year, month);
        day = isDay ? new DateOnly(year, month, inMonth) : default;
        return isDay;
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"t?(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(:(?<second>[0-9]{2})([.,](?<fraction>[0-9]+))?)?", Plain)]
    private static partial Regex Clock();

    [GeneratedRegex(
        @"^(?<date>[0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2})(t|\s+|)(?<hour>[0-9]{2})((?<minute>[0-9]{2})((?<second>[0-9]{2})([.,](?<fraction>[0-9]+))?)?)?",
        Plain
    )]
    private static partial Regex ShortClock();

    // Of a clock: morning or afternoon, the zone, and what of the date stands behind it, before the zone or after.
    [GeneratedRegex(
        @"^\s*(?<half>[ap]m)?\s*((?<zone>z|utc|gmt|[+-][0-9]{2}:[0-9]{2}|[+-][0-9]{4}|[+-][0-9]{1,2})(\s*\([a-z]{1,5}\))?(\s+(?<date>[^\s].*))?|(?<date>[^\s].*)\s+(?<zone>z|utc|gmt|[+-][0-9]{2}:[0-9]{2}|[+-][0-9]{4}))$",
        Plain
    )]
    private static partial Regex Rest();

    [GeneratedRegex(
        @"^((?<year>[0-9]{4})(?<month>[0-9]{2})(?<day>[0-9]{2})|(?<year>[0-9]{4})[-/.](?<month>[0-9]{1,2})[-/.](?<day>[0-9]{1,2})|(?<first>[0-9]{1,2})[-/.](?<second>[0-9]{1,2})[-/.](?<year>[0-9]{4})"
            + @"|((mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?((?<day>[0-9]{1,2})[\s-]+(?<name>[a-z]{3,9})|(?<name>[a-z]{3,9})\s+(?<day>[0-9]{1,2})),?[\s-]+(?<year>[0-9]{4}))$",
        Plain
    )]
    private static partial Regex Date();
}
