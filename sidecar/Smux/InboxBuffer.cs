using System.Buffers;

namespace RdsTunnel.Smux;

/// <summary>The bytes from <see cref="Start"/> to <see cref="End"/>, counted from a stream's first, in a chain of rented segments.
/// Not thread-safe.</summary>
internal sealed class InboxBuffer
{
    /// <summary>Segments kept, without memory, for the next data: as many as one read covers.</summary>
    private const int MaxSpareSegments = StreamInbox.MaxReadBytes / InboxSegment.SizeBytes;

    private readonly Stack<InboxSegment> _spare = new();
    private InboxSegment? _head;
    private InboxSegment? _tail;
    private int _segments;

    public long Start { get; private set; }

    public long End { get; private set; }

    public long HeldBytes => (long)_segments * InboxSegment.SizeBytes;

    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_tail is null || _tail.End == End)
                AddSegment();
            var free = _tail!.SpanFrom(End);
            var count = Math.Min(free.Length, data.Length);
            data[..count].CopyTo(free);
            data = data[count..];
            End += count;
        }
    }

    /// <summary>What is here up to <paramref name="end"/>.</summary>
    public ReadOnlySequence<byte> Slice(long end)
    {
        if (end == Start)
            return ReadOnlySequence<byte>.Empty;
        var last = Find(end);
        return new ReadOnlySequence<byte>(_head!, (int)(Start - _head!.RunningIndex), last, (int)(end - last.RunningIndex));
    }

    /// <summary>Where a position of a slice lies; that of an empty slice has no segment.</summary>
    public long PositionOf(SequencePosition position) =>
        position.GetObject() is InboxSegment segment ? segment.RunningIndex + position.GetInteger() : Start;

    /// <summary>Forgets what lies before <paramref name="start"/>.</summary>
    public void Consume(long start)
    {
        Start = start;
        while (_head is not null && (_head.End <= start || start == End))
            _head = Free(_head);
        if (_head is null)
            _tail = null;
    }

    /// <summary>Forgets what lies behind <paramref name="end"/>, for good: nothing can be appended to a segment in its middle.</summary>
    public void Truncate(long end)
    {
        End = end;
        if (end == Start)
        {
            Consume(Start);
            return;
        }

        _tail = Find(end);
        var dropped = _tail.NextSegment;
        _tail.CutAfter();
        while (dropped is not null)
            dropped = Free(dropped);
    }

    private InboxSegment Find(long end)
    {
        var segment = _head!;
        while (segment.End < end)
            segment = segment.NextSegment!;
        return segment;
    }

    private void AddSegment()
    {
        if (!_spare.TryPop(out var segment))
            segment = new InboxSegment();
        segment.Rent(End);
        _tail?.Append(segment);
        _tail = segment;
        _head ??= segment;
        _segments++;
    }

    private InboxSegment? Free(InboxSegment segment)
    {
        var next = segment.NextSegment;
        segment.Return();
        _segments--;
        if (_spare.Count < MaxSpareSegments)
            _spare.Push(segment);
        return next;
    }
}
