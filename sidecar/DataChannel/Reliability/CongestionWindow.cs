namespace RdsTunnel.DataChannels.Reliability;

/// <summary>How many messages may be on their way: as many as come back promptly.</summary>
/// <remarks>
/// The limits of the service and of the node are not documented, but queueing shows in the round trip time before anything is lost.
/// So the window doubles each round until the round trip time begins to swell, then keeps the queue near
/// <see cref="TargetQueueingDelay"/>: enough to fill the path, little enough that a query does not wait behind a bulk upload.
/// A round is the time until a message sent after the round's start is acknowledged. Not thread-safe.
/// </remarks>
internal sealed class CongestionWindow
{
    public const int InitialMessages = 64;
    public const int MinMessages = 16;

    /// <summary>4 MiB at 1,024 bytes a message: 80 MB/s at a round trip of 50 ms.</summary>
    public const int MaxMessages = 4096;

    private static readonly TimeSpan TargetQueueingDelay = TimeSpan.FromMilliseconds(25);

    // The least round trip time is forgotten after a while, because routes change.
    private static readonly TimeSpan BaseLifetime = TimeSpan.FromSeconds(60);
    private const double LossFactor = 0.85;
    private const double GrowthPerRound = 1.0 / 8;

    private double _messages = InitialMessages;
    private bool _isSlowStart = true;
    private bool _wasFull;
    private bool _wasFullInLastRound;
    private bool _lostInRound;
    private TimeSpan _roundStart;
    private TimeSpan _leastInRound = TimeSpan.MaxValue;
    private TimeSpan _base = TimeSpan.MaxValue;
    private TimeSpan _nextBase = TimeSpan.MaxValue;
    private TimeSpan _baseSince;

    public int Messages => (int)_messages;

    /// <summary>What the path takes without queueing; <see cref="TimeSpan.MaxValue"/> before the first sample.</summary>
    public TimeSpan LeastRoundTripTime => _base;

    /// <summary>Something more could have been sent, had the window been larger. A window that is not used does not grow.</summary>
    public void OnFull() => _wasFull = true;

    /// <summary>A message was lost, as far as can be told.</summary>
    public void OnLoss()
    {
        _isSlowStart = false;
        if (!_lostInRound)
        {
            _lostInRound = true;
            Set(_messages * LossFactor);
        }
    }

    /// <param name="sentAt">When the acknowledged message was sent for the only time.</param>
    public void OnSample(TimeSpan sentAt, TimeSpan now)
    {
        var roundTripTime = now - sentAt;
        _leastInRound = Min(_leastInRound, roundTripTime);
        UpdateBase(roundTripTime, now);
        if (_isSlowStart && (_wasFull || _wasFullInLastRound))
        {
            Set(_messages + 1);
        }

        if (sentAt >= _roundStart)
        {
            EndRound(now);
        }
    }

    /// <summary>The path is a new one: what was learnt of the old one does not hold.</summary>
    public void Restart()
    {
        _messages = InitialMessages;
        _isSlowStart = true;
        _base = _nextBase = _leastInRound = TimeSpan.MaxValue;
    }

    private void EndRound(TimeSpan now)
    {
        var queueingDelay = _leastInRound - _base;
        if (_isSlowStart)
        {
            _isSlowStart = queueingDelay < TargetQueueingDelay / 2;
        }
        else if (queueingDelay > TargetQueueingDelay)
        {
            Set(_messages * Math.Max(0.5, TargetQueueingDelay / queueingDelay));
        }
        else if (_wasFull && !_lostInRound)
        {
            Set(_messages * (1 + (GrowthPerRound * (1 - (queueingDelay / TargetQueueingDelay)))));
        }

        _roundStart = now;
        _leastInRound = TimeSpan.MaxValue;
        _wasFullInLastRound = _wasFull;
        _wasFull = false;
        _lostInRound = false;
    }

    private void UpdateBase(TimeSpan roundTripTime, TimeSpan now)
    {
        if (now - _baseSince > BaseLifetime)
        {
            _base = _nextBase;
            _nextBase = TimeSpan.MaxValue;
            _baseSince = now;
        }

        _base = Min(_base, roundTripTime);
        _nextBase = Min(_nextBase, roundTripTime);
    }

    private void Set(double messages) => _messages = Math.Clamp(messages, MinMessages, MaxMessages);

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
