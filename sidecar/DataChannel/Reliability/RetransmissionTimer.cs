namespace RdsTunnel.DataChannels.Reliability;

/// <summary>How long to wait for an acknowledgement: the round trip time, smoothed as TCP does it (RFC 6298).</summary>
/// <remarks>Not thread-safe. Samples of resent messages must be left out by the caller (Karn's algorithm).</remarks>
internal sealed class RetransmissionTimer
{
    /// <summary>Before the first sample, and the shortest wait: below it, a pause of the peer's scheduler looks like a loss.</summary>
    public static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait, also after backing off: a lost message must not stall a query for longer.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Granularity = TimeSpan.FromMilliseconds(10);
    private const double Alpha = 1.0 / 8;
    private const double Beta = 1.0 / 4;

    private TimeSpan _variation;

    /// <summary>Null before the first sample.</summary>
    public TimeSpan? SmoothedRoundTripTime { get; private set; }

    public TimeSpan Timeout { get; private set; } = MinTimeout;

    public void OnSample(TimeSpan roundTripTime)
    {
        if (SmoothedRoundTripTime is { } smoothed)
        {
            _variation = ((1 - Beta) * _variation) + (Beta * (smoothed - roundTripTime).Duration());
            SmoothedRoundTripTime = ((1 - Alpha) * smoothed) + (Alpha * roundTripTime);
        }
        else
        {
            SmoothedRoundTripTime = roundTripTime;
            _variation = roundTripTime / 2;
        }

        var margin = 4 * _variation;
        var timeout = SmoothedRoundTripTime.Value + (margin > Granularity ? margin : Granularity);
        Timeout =
            timeout < MinTimeout ? MinTimeout
            : timeout > MaxTimeout ? MaxTimeout
            : timeout;
    }

    /// <summary>The wait after <paramref name="timeouts"/> in a row without an answer: doubled each time.</summary>
    public static TimeSpan Backoff(TimeSpan timeout, int timeouts)
    {
        var backedOff = timeout * (1 << Math.Min(timeouts, 10));
        return backedOff > MaxTimeout ? MaxTimeout : backedOff;
    }
}
