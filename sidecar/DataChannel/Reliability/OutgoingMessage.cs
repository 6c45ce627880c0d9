namespace RdsTunnel.DataChannels.Reliability;

/// <summary>A numbered message that is kept, ready for the wire, until it is acknowledged.</summary>
internal sealed class OutgoingMessage(int maxMessageBytes)
{
    private byte[] _buffer = new byte[maxMessageBytes];

    public long SequenceNumber { get; set; }

    public int LengthBytes { get; set; }

    public int Transmissions { get; private set; }

    /// <summary>The latest transmission. Each has an id of its own, which its acknowledgement repeats.</summary>
    public TimeSpan SentAt { get; private set; }

    public Guid MessageId { get; private set; }

    /// <summary>It has been told to the congestion window that this message was lost.</summary>
    public bool IsKnownLost { get; set; }

    /// <summary>On the clock that stands still while there is no link.</summary>
    public TimeSpan FirstSentAt { get; set; }

    private (TimeSpan At, Guid Id) _first;

    public Span<byte> Buffer => _buffer;

    /// <summary>Begins a new message in this buffer.</summary>
    public void Renew(long sequenceNumber)
    {
        SequenceNumber = sequenceNumber;
        MessageId = Guid.NewGuid();
        Transmissions = 0;
        IsKnownLost = false;
    }

    public void OnSent(TimeSpan now)
    {
        SentAt = now;
        if (++Transmissions == 1)
        {
            _first = (now, MessageId);
        }
        else
        {
            MessageId = Guid.NewGuid();
        }
    }

    /// <summary>When the transmission with this id was sent; null when it cannot be told which one the id belongs to.</summary>
    public TimeSpan? SentAs(Guid messageId) =>
        Transmissions == 1 || messageId == MessageId ? SentAt
        : messageId == _first.Id ? _first.At
        : null;

    /// <summary>Data fills messages of one size. The answer to a handshake is as long as the
    /// request makes it, within the handshake's own bounds.</summary>
    public void EnsureRoom(int bytes)
    {
        if (_buffer.Length < bytes)
        {
            _buffer = new byte[bytes];
        }
    }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, LengthBytes);

    // Links of the one OutgoingMessageList that holds the message.
    public OutgoingMessageList? List { get; set; }

    public OutgoingMessage? Previous { get; set; }

    public OutgoingMessage? Next { get; set; }
}

/// <summary>A doubly linked list through the messages themselves: no allocation, and removal from the middle in constant time.</summary>
internal sealed class OutgoingMessageList
{
    private OutgoingMessage? _last;

    public OutgoingMessage? First { get; private set; }

    public int Count { get; private set; }

    public void AddLast(OutgoingMessage message)
    {
        message.List = this;
        message.Previous = _last;
        message.Next = null;
        if (_last is null)
        {
            First = message;
        }
        else
        {
            _last.Next = message;
        }

        _last = message;
        Count++;
    }

    public void Remove(OutgoingMessage message)
    {
        if (message.Previous is null)
        {
            First = message.Next;
        }
        else
        {
            message.Previous.Next = message.Next;
        }

        if (message.Next is null)
        {
            _last = message.Previous;
        }
        else
        {
            message.Next.Previous = message.Previous;
        }

        message.List = null;
        message.Previous = message.Next = null;
        Count--;
    }
}
