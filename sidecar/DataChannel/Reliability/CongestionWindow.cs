namespace RdsTunnel.DataChannels.Reliability;

/// <summary>How many messages may be on their way: as many as come back promptly.</summary>
/// <remarks>
/// The limits of the service and of the node are not documented, but queueing shows in the round trip time before anything is lost.
/// So the window doubles each round until the round trip time begins to swell, then keeps the queue near
/// <see cref="TargetQueueingDelay"/>: enough to fill the path, little enough that a query does not wait behind a bulk upload.
/// A round is the time until a message sent after the round's start is acknowledged. Not thread-safe.
/// <para>
/// What is above the least round trip time counts as our own queue, which shrinks with the window.
/// When it does not (<see cref="PathTrial"/>), the path
/// itself has become longer, or others fill it: then its least round trip time is what it is now. A
/// silence tells the same at once. The queue is drained once a minute, so that the least
/// round trip time cannot grow with it unnoticed. LEDBAT++ and BBR do the like.
/// </para>
/// </remarks>
internal sealed class CongestionWindow
{
    public const int InitialMessages = 64;
    public const int MinMessages = 16;

    /// <summary>4 MiB at 1,024 bytes a message: 80 MB/s at a round trip of 50 ms.</summary>
    public const int MaxMessages = 4096;

    /// <summary>While it is found out whether a smaller window makes the round trip shorter, and while the queue is drained.</summary>
    private const int MinMessagesForARound = 4;

    private const double LossFactor = 0.85;
    private const double GrowthPerRound = 1.0 / 8;

    /// <summary>Losses alone do not make an upload slower than the AWS CLI's plugin, which sends a
    /// message each millisecond whatever is lost.</summary>
    private const double MessagesPerMillisecondDespiteLoss = 1;

    private static readonly TimeSpan TargetQueueingDelay = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan DrainInterval = TimeSpan.FromSeconds(60);

    /// <summary>Whatever queue of ours is in the new time is out of it by then; a drain costs two round trips at half the rate.</summary>
    private static readonly TimeSpan DrainAfterLongerPath = TimeSpan.FromSeconds(20);

    /// <summary>A queue, however long, goes on delivering: when nothing comes back for longer than
    /// this, and then does, it was the path.</summary>
    private static readonly TimeSpan TellingSilence = 4 * TargetQueueingDelay;

    private readonly PathTrial _trial = new();
    private double _messages = InitialMessages;
    private double? _beforeDrain;
    private bool _isSlowStart = true;
    private bool _wasFull;
    private bool _wasFullInLastRound;
    private bool _lostInRound;
    private TimeSpan _roundStart;
    private TimeSpan _leastInRound = TimeSpan.MaxValue;
    private TimeSpan _drainedAt;

    public int Messages => (int)_messages;

    /// <summary>What the path takes without queueing; <see cref="TimeSpan.MaxValue"/> before the first sample.</summary>
    public TimeSpan LeastRoundTripTime { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Something more could have been sent, had the window been larger. A window that is not used does not grow.</summary>
    public void OnFull() => _wasFull = true;

    /// <summary>A message was lost, as far as can be told.</summary>
    public void OnLoss()
    {
        _isSlowStart = false;
        if (!_lostInRound)
        {
            _lostInRound = true;
            var despiteLoss =
                LeastRoundTripTime == TimeSpan.MaxValue ? 0 : LeastRoundTripTime.TotalMilliseconds * MessagesPerMillisecondDespiteLoss;
            Set(Math.Max(_messages * LossFactor, Math.Min(_messages, despiteLoss)));
        }
    }

    /// <param name="sentAt">When the transmission that arrived was sent.</param>
    /// <param name="silentSince">The acknowledgement before, or when something was under way again after it.</param>
    public void OnSample(TimeSpan sentAt, TimeSpan silentSince, TimeSpan now)
    {
        var roundTripTime = now - sentAt;
        if (now - silentSince > TellingSilence && roundTripTime - LeastRoundTripTime > TellingSilence)
        {
            TakeAnew(now);
        }

        _leastInRound = Min(_leastInRound, roundTripTime);
        LeastRoundTripTime = Min(LeastRoundTripTime, roundTripTime);
        if (_isSlowStart && (_wasFull || _wasFullInLastRound))
        {
            Set(_messages + 1);
        }

        if (sentAt >= _roundStart)
        {
            EndRound(now);
        }
    }

    // The path takes longer than before, or stood still for a moment. A queue of ours that is in its new time is drained soon.
    private void TakeAnew(TimeSpan now)
    {
        _isSlowStart = true;
        _beforeDrain = null;
        _trial.Clear();
        LeastRoundTripTime = _leastInRound = TimeSpan.MaxValue;
        _roundStart = now;
        _drainedAt = Min(_drainedAt, now - DrainInterval + DrainAfterLongerPath);
    }

    /// <summary>The path is a new one: what was learnt of the old one does not hold.</summary>
    public void Restart()
    {
        _messages = InitialMessages;
        _isSlowStart = true;
        _beforeDrain = null;
        _trial.Clear();
        LeastRoundTripTime = _leastInRound = TimeSpan.MaxValue;
    }

    private void EndRound(TimeSpan now)
    {
        var queueingDelay = _leastInRound - LeastRoundTripTime;
        if (_isSlowStart)
        {
            _isSlowStart = queueingDelay < TargetQueueingDelay / 2;
        }
        else if (_beforeDrain is { } before)
        {
            // This round trip had next to no queue of ours in it.
            LeastRoundTripTime = _leastInRound;
            _beforeDrain = null;
            Set(before);
        }
        else if (queueingDelay > TargetQueueingDelay)
        {
            Shrink(queueingDelay);
        }
        else
        {
            _trial.Clear();
            if (now - _drainedAt > DrainInterval && queueingDelay > TimeSpan.Zero)
            {
                _drainedAt = now;
                _beforeDrain = _messages;
                Set(_messages * (LeastRoundTripTime / _leastInRound) / 2);
            }
            else if (_wasFull && !_lostInRound)
            {
                Set(_messages * (1 + (GrowthPerRound * (1 - (queueingDelay / TargetQueueingDelay)))));
            }
        }

        _roundStart = now;
        _leastInRound = TimeSpan.MaxValue;
        _wasFullInLastRound = _wasFull;
        _wasFull = false;
        _lostInRound = false;
    }

    private void Shrink(TimeSpan queueingDelay)
    {
        if (_trial.OnRound(_messages, _leastInRound, LeastRoundTripTime) is { } before)
        {
            LeastRoundTripTime = _leastInRound;
            _isSlowStart = true;
            Set(before);
        }
        else
        {
            Set(_messages * Math.Max(0.5, TargetQueueingDelay / queueingDelay));
        }
    }

    private void Set(double messages) =>
        _messages = Math.Clamp(messages, _trial.IsRunning || _beforeDrain is not null ? MinMessagesForARound : MinMessages, MaxMessages);

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
