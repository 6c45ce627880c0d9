namespace RdsTunnel.DataChannels.Reliability;

/// <summary>The acknowledgements that were sent last, to be sent again on the next link. Not thread-safe.</summary>
/// <remarks>
/// Those that were on their way when a link was lost may never have arrived, and nobody can tell which. For each the node would send its
/// message again, one every 100 ms at best, and three a second over a round trip of 200 ms, while nothing else moves.
/// An acknowledgement too many costs 300 bytes, and the node ignores it.
/// </remarks>
internal sealed class RecentAcknowledges(TimeProvider time)
{
    /// <summary>More than the node's pace puts on the way in a second.</summary>
    public const int Capacity = 1024;

    /// <summary>Longer than a message is on its way. What was sent that long before the last one has arrived.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    private readonly Queue<(Guid MessageId, long SequenceNumber, long SentAt)> _sent = new();

    public void Add(Guid messageId, long sequenceNumber)
    {
        while (_sent.TryPeek(out var oldest) && (_sent.Count == Capacity || time.GetElapsedTime(oldest.SentAt) > Window))
        {
            _sent.Dequeue();
        }

        _sent.Enqueue((messageId, sequenceNumber, time.GetTimestamp()));
    }

    /// <summary>Takes all of them, the oldest first.</summary>
    public IEnumerable<(Guid MessageId, long SequenceNumber)> TakeAll()
    {
        while (_sent.TryDequeue(out var sent))
        {
            yield return (sent.MessageId, sent.SequenceNumber);
        }
    }
}
