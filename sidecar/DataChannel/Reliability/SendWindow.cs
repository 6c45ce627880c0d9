namespace RdsTunnel.DataChannels.Reliability;

/// <summary>The sending half of a reliable channel, without input, output or clock: which message goes out next, and when.</summary>
/// <remarks>
/// Every message is kept until it is acknowledged; none is ever dropped. Acknowledgements name single messages, so a message is taken for
/// lost when one that was sent later has been acknowledged (as TCP's RACK does it, RFC 8985); when nothing at all comes back, the oldest
/// is sent again as a probe after the retransmission timeout. Each transmission has an id of its
/// own, so its acknowledgement tells whether the
/// first one was lost or only slow (RFC 3522, Eifel): a path that has become longer looks like a loss
/// to the timeout. Times are since a fixed moment that all messages come after. Not thread-safe.
/// </remarks>
internal sealed class SendWindow(int maxMessageBytes)
{
    /// <summary>How long the node may need after its handshake to get its port plugin ready: it ignores data until then.</summary>
    public static readonly TimeSpan FirstDataTimeout = TimeSpan.FromMilliseconds(20);

    /// <summary>Messages that overtake one another by less than this were reordered, not lost.</summary>
    private static readonly TimeSpan MinReorderingTime = TimeSpan.FromMilliseconds(5);

    /// <summary>Buffers kept for the next messages while some are under way: about 1.1 MB, enough
    /// that a steady transfer allocates none.</summary>
    private const int MaxFreeMessages = 256;

    /// <summary>Buffers kept once everything is acknowledged: enough for questions and answers, while an idle tunnel stays small.</summary>
    private const int MaxFreeMessagesWhenEmpty = 16;

    private readonly OutgoingMessage?[] _unacknowledged = new OutgoingMessage?[CongestionWindow.MaxMessages];
    private readonly OutgoingMessageList _inFlight = new(); // in the order of their last transmission
    private readonly OutgoingMessageList _lost = new(); // to be sent again
    private readonly Stack<OutgoingMessage> _free = new();
    private readonly RetransmissionTimer _timer = new();
    private readonly CongestionWindow _congestion = new();
    private OutgoingMessage? _reserved;
    private long _oldestSequenceNumber;
    private long _nextSequenceNumber;
    private long? _quickSequenceNumber;
    private int _timeoutsInARow;
    private TimeSpan _timeoutSince;
    private TimeSpan _silentSince; // the latest acknowledgement, or when something was under way again after it
    private TimeSpan _latestAcknowledgedSentAt;

    public TimeSpan? SmoothedRoundTripTime => _timer.SmoothedRoundTripTime;

    public long Retransmissions { get; private set; }

    public bool IsEmpty => _oldestSequenceNumber == _nextSequenceNumber;

    /// <summary>Where the clock without pauses stood when the oldest unacknowledged message was
    /// sent first; null when there is none.</summary>
    public TimeSpan? OldestFirstSentAt => IsEmpty ? null : Slot(_oldestSequenceNumber)!.FirstSentAt;

    /// <summary>True when a new message may be sent.</summary>
    public bool HasRoom => _lost.Count == 0 && HasRoomInFlight && !IsFull;

    /// <summary>True when not even an urgent message can be kept.</summary>
    public bool IsFull => _nextSequenceNumber - _oldestSequenceNumber >= _unacknowledged.Length;

    private bool HasRoomInFlight => _inFlight.Count < _congestion.Messages;

    /// <summary>Tells that there was more to send than <see cref="HasRoom"/> allowed.</summary>
    public void OnBlocked() => _congestion.OnFull();

    /// <summary>A message to be filled; it is numbered <see cref="OutgoingMessage.SequenceNumber"/>
    /// and goes out with <see cref="Commit"/>.</summary>
    public OutgoingMessage Reserve()
    {
        if (IsFull)
        {
            throw new InvalidOperationException("The window is full.");
        }

        _reserved = _free.TryPop(out var free) ? free : new OutgoingMessage(maxMessageBytes);
        _reserved.Renew(_nextSequenceNumber);
        return _reserved;
    }

    /// <summary>Takes the reserved message, filled, as sent now.</summary>
    /// <param name="isQuick">The peer may not be ready for it: retransmit soon, and learn nothing about the path from it.</param>
    public void Commit(TimeSpan now, TimeSpan connectedNow, bool isQuick = false)
    {
        var message = _reserved ?? throw new InvalidOperationException("Nothing is reserved.");
        _reserved = null;
        if (_inFlight.Count == 0)
        {
            _timeoutSince = _silentSince = now;
        }

        if (isQuick)
        {
            _quickSequenceNumber = message.SequenceNumber;
        }

        message.FirstSentAt = connectedNow;
        message.OnSent(now);
        _unacknowledged[_nextSequenceNumber++ & (_unacknowledged.Length - 1)] = message;
        _inFlight.AddLast(message);
    }

    /// <summary>A message that has to be sent again now, if there is one and the window allows it.</summary>
    public OutgoingMessage? TakeRetransmission(TimeSpan now)
    {
        var message = _lost.First;
        if (message is not null && HasRoomInFlight)
        {
            _lost.Remove(message);
        }
        else if (_inFlight.First is { } oldest && NextTimeout <= now)
        {
            message = oldest;
            _timeoutsInARow++;
            _inFlight.Remove(message);
        }
        else
        {
            return null;
        }

        if (_inFlight.Count == 0 || _timeoutsInARow > 0)
        {
            _timeoutSince = now;
        }

        message.OnSent(now);
        Retransmissions++;
        _inFlight.AddLast(message);
        return message;
    }

    /// <summary>When to call <see cref="TakeRetransmission"/> at the latest, if nothing else
    /// happens; null when nothing is under way.</summary>
    public TimeSpan? NextTimeout => _inFlight.First is null ? null : _timeoutSince + RetransmissionTimer.Backoff(Timeout, _timeoutsInARow);

    private TimeSpan Timeout => _quickSequenceNumber is null ? _timer.Timeout : FirstDataTimeout;

    /// <summary>Takes an acknowledgement; one for a message that is not waiting for it is ignored.</summary>
    /// <param name="messageId">Of the transmission that arrived; anything else where that is not known.</param>
    public void OnAcknowledge(long sequenceNumber, Guid messageId, TimeSpan now)
    {
        if (sequenceNumber < _oldestSequenceNumber || sequenceNumber >= _nextSequenceNumber || Slot(sequenceNumber) is not { } message)
        {
            return;
        }

        if (sequenceNumber == _quickSequenceNumber)
        {
            _quickSequenceNumber = null;
        }
        else
        {
            Learn(message, message.SentAs(messageId), now);
        }

        _timeoutsInARow = 0;
        _timeoutSince = _silentSince = now;
        Release(message);
        var arrivedSentAt = message.SentAs(messageId) ?? message.SentAt;
        if (arrivedSentAt > _latestAcknowledgedSentAt)
        {
            _latestAcknowledgedSentAt = arrivedSentAt;
        }

        FindLost();
    }

    /// <summary>A new link: whatever is unacknowledged may have been lost with the old one, and goes out again.</summary>
    public void OnNewLink(TimeSpan now)
    {
        for (var sequenceNumber = _oldestSequenceNumber; sequenceNumber < _nextSequenceNumber; sequenceNumber++)
        {
            if (Slot(sequenceNumber) is { } message)
            {
                message.List!.Remove(message);
                message.IsKnownLost = true;
                _lost.AddLast(message);
            }
        }

        _timeoutsInARow = 0;
        _timeoutSince = _silentSince = now;
        _latestAcknowledgedSentAt = TimeSpan.Zero;
        _congestion.Restart();
    }

    private void Learn(OutgoingMessage message, TimeSpan? sentAt, TimeSpan now)
    {
        if (message.Transmissions > 1 && !message.IsKnownLost && (sentAt ?? message.SentAt) == message.SentAt)
        {
            // The timeout spoke, and only now it shows that it was right.
            _congestion.OnLoss();
        }

        if (sentAt is { } sent)
        {
            _timer.OnSample(now - sent);
            _congestion.OnSample(sent, _silentSince, now);
        }
    }

    private void FindLost()
    {
        var reordering = (_timer.SmoothedRoundTripTime ?? TimeSpan.Zero) / 4;
        var lostBefore = _latestAcknowledgedSentAt - (reordering > MinReorderingTime ? reordering : MinReorderingTime);
        while (_inFlight.First is { } oldest && oldest.SentAt < lostBefore)
        {
            _inFlight.Remove(oldest);
            oldest.IsKnownLost = true;
            _lost.AddLast(oldest);
            if (_quickSequenceNumber is null)
            {
                _congestion.OnLoss();
            }
        }
    }

    private void Release(OutgoingMessage message)
    {
        message.List!.Remove(message);
        _unacknowledged[message.SequenceNumber & (_unacknowledged.Length - 1)] = null;
        if (_free.Count < MaxFreeMessages)
        {
            _free.Push(message);
        }

        while (_oldestSequenceNumber < _nextSequenceNumber && Slot(_oldestSequenceNumber) is null)
        {
            _oldestSequenceNumber++;
        }

        while (IsEmpty && _free.Count > MaxFreeMessagesWhenEmpty)
        {
            _free.Pop();
        }
    }

    private OutgoingMessage? Slot(long sequenceNumber) => _unacknowledged[sequenceNumber & (_unacknowledged.Length - 1)];
}
