namespace RdsTunnel.Emulator.Agents;

/// <summary>The agent's estimate of when an acknowledgement is late. It samples resent messages too.</summary>
internal sealed class RetransmissionTimeout
{
    private const double RoundTripTimeGain = 1.0 / 8;
    private const double VariationGain = 1.0 / 4;

    private static readonly TimeSpan ClockGranularity = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private TimeSpan _roundTripTime = TimeSpan.FromMilliseconds(100);
    private TimeSpan _variation = TimeSpan.Zero;

    public TimeSpan Value { get; private set; } = TimeSpan.FromMilliseconds(200);

    public void Sample(TimeSpan roundTripTime)
    {
        _variation = ((1 - VariationGain) * _variation) + (VariationGain * (_roundTripTime - roundTripTime).Duration());
        _roundTripTime = ((1 - RoundTripTimeGain) * _roundTripTime) + (RoundTripTimeGain * roundTripTime);
        var margin = 4 * _variation;
        var value = _roundTripTime + (margin > ClockGranularity ? margin : ClockGranularity);
        Value = value < Longest ? value : Longest;
    }
}
