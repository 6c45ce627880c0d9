using System.Globalization;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Aws;

/// <summary>The time at AWS: this computer's clock, corrected by the dates of AWS's answers. What
/// is signed, or compared with an expiry, goes by it. Thread-safe.</summary>
/// <remarks>Laptops and virtual machines wake up with a clock that is minutes behind. AWS refuses a
/// signature whose date is five minutes off.</remarks>
public sealed partial class AwsClock(TimeProvider local, ILogger logger) : TimeProvider
{
    /// <summary>A date has whole seconds and is old by the time it arrives; nothing at AWS needs a better clock than this.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    /// <summary>No service accepts a signature whose date is further off.</summary>
    private static readonly TimeSpan SignatureTolerance = TimeSpan.FromMinutes(15);

    /// <summary>With a clock this wrong no certificate is valid, and no answer arrives: it is the date that is wrong.</summary>
    private static readonly TimeSpan MaxOffset = TimeSpan.FromDays(366);

    private readonly Lock _writing = new();
    private volatile Reading? _latest; // written under _writing

    /// <summary>AWS's time minus this computer's: positive when this computer's clock is behind.
    /// Zero within <see cref="Tolerance"/>, and before the first answer.</summary>
    public TimeSpan Offset => _latest is { } latest ? OffsetNow(latest) : TimeSpan.Zero;

    public override long TimestampFrequency => local.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => local.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => local.GetUtcNow() + Offset;

    public override long GetTimestamp() => local.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        local.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes in an answer that is AWS's, not a proxy's.</summary>
    /// <param name="elapsed">Since the request was sent.</param>
    internal void Learn(HttpRequestMessage request, HttpResponseMessage response, TimeSpan elapsed)
    {
        var now = local.GetUtcNow();
        // An answer with an age comes from a cache.
        if (response.Headers.Date is not { } date || response.Headers.Age is not null || (date - now).Duration() > MaxOffset)
        {
            return;
        }

        // A proxy may write a date of its own. The date of a signature that was accepted is right
        // within its tolerance, whatever the answer says.
        if (response.IsSuccessStatusCode && DateOfSignature(request) is { } accepted && (date - accepted).Duration() > SignatureTolerance)
        {
            Set(now, accepted - SignatureTolerance, accepted + SignatureTolerance + elapsed);
            return;
        }

        Set(now, date - Tolerance, date + Tolerance + elapsed);
    }

    /// <param name="earliest">What the time at AWS is now, at the earliest.</param>
    /// <param name="latest">And at the latest.</param>
    private void Set(DateTimeOffset now, DateTimeOffset earliest, DateTimeOffset latest)
    {
        lock (_writing)
        {
            var before = Offset;
            var offset =
                IsPossible(TimeSpan.Zero) ? TimeSpan.Zero
                : IsPossible(before) ? before
                : earliest - now + ((latest - earliest) / 2);
            _latest = Read(offset);
            if (offset != before)
            {
                LogCorrected(logger, TimeSpan.FromSeconds(Math.Round(offset.TotalSeconds)));
            }
        }

        bool IsPossible(TimeSpan offset) => now + offset >= earliest && now + offset <= latest;
    }

    // Both at the same moment, though the thread may be held up, or the computer fall asleep, between the two.
    private Reading Read(TimeSpan offset)
    {
        while (true)
        {
            var (before, now, after) = (local.GetTimestamp(), local.GetUtcNow(), local.GetTimestamp());
            if (local.GetElapsedTime(before, after) < TimeSpan.FromSeconds(1))
            {
                return new Reading(offset, now, after);
            }
        }
    }

    // Since the answer, somebody may have set the clock, or the computer may have slept: the clock went on then, the timestamp perhaps not.
    private TimeSpan OffsetNow(Reading latest)
    {
        var jump = local.GetUtcNow() - latest.LocalTime - local.GetElapsedTime(latest.Timestamp);
        var offset = latest.Offset - jump;
        var isRightNow = offset.Duration() <= Tolerance;
        var wasSet = jump < -Tolerance || (jump > Tolerance && isRightNow);
        return !wasSet ? latest.Offset
            : isRightNow ? TimeSpan.Zero
            : offset;
    }

    private static DateTimeOffset? DateOfSignature(HttpRequestMessage request) =>
        request.Headers.TryGetValues("X-Amz-Date", out var values)
        && DateTimeOffset.TryParseExact(
            values.First(),
            "yyyyMMdd'T'HHmmss'Z'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var date
        )
            ? date
            : null;

    [LoggerMessage(
        EventId = 3030,
        Level = LogLevel.Warning,
        Message = "This computer's clock is wrong; using AWS's time for signatures and expiries, offset {Offset}"
    )]
    private static partial void LogCorrected(ILogger logger, TimeSpan offset);

    private sealed record Reading(TimeSpan Offset, DateTimeOffset LocalTime, long Timestamp);
}
