namespace RdsTunnel.DataChannels.Reliability;

/// <summary>Finds out whose queue it is: while the round trip is too long the window shrinks from
/// round to round, and a queue of ours shrinks with it.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PathTrial
{
    /// <summary>The window is so much smaller that the round trip must show it: jitter alone decides nothing.</summary>
    private const double TellingFactor = 0.75;

    private double _before;
    private (double Messages, TimeSpan RoundTripTime)? _reference;

    public bool IsRunning => _before > 0;

    public void Clear() => (_before, _reference) = (0, null);

    /// <summary>A round with too long a round trip is over; unless the trial ends here, the window shrinks for the next one.</summary>
    /// <param name="messages">The window of this round.</param>
    /// <param name="roundTripTime">The least of this round.</param>
    /// <param name="least">What the path takes without queueing, as far as is known.</param>
    /// <returns>The window before the trial, when the queue is not ours and the trial is over; null otherwise.</returns>
    public double? OnRound(double messages, TimeSpan roundTripTime, TimeSpan least)
    {
        if (!IsRunning)
        {
            // The queue may still have been growing: the next round is the first that is compared with.
            _before = messages;
            return null;
        }

        if (_reference is not { } reference)
        {
            _reference = (messages, roundTripTime);
            return null;
        }

        if (messages > reference.Messages * TellingFactor)
        {
            return null;
        }

        var ofOurQueue = reference.RoundTripTime * (messages / reference.Messages);
        var expected = ofOurQueue > least ? ofOurQueue : least;
        if (roundTripTime <= (reference.RoundTripTime + expected) / 2)
        {
            _reference = (messages, roundTripTime);
            return null;
        }

        var before = _before;
        Clear();
        return before;
    }
}
