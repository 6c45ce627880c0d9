using System.Collections.Concurrent;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Reliability;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>Acknowledgements on their way to the wire, and once more to the next link.
/// <see cref="Add"/> and <see cref="WhenKeepingUpAsync"/> are the reader's,
/// the rest is the sender's; thread-safe between the two.</summary>
internal sealed class AcknowledgeQueue(TimeProvider time)
{
    /// <summary>
    /// Acknowledgements that may wait for the wire, for 4 MiB of data. With more of them the reader
    /// pauses: to drop one would cost 100 ms, the
    /// pace at which the node resends.
    /// </summary>
    private const int MaxQueued = 4096;

    private readonly ConcurrentQueue<(Guid MessageId, long SequenceNumber)> _queued = new();
    private readonly RecentAcknowledges _recent = new(time); // the sender's alone
    private readonly byte[] _message = new byte[ClientMessageCodec.OverheadBytes + AcknowledgeContent.MaxBytes]; // the sender's alone
    private readonly Lock _gate = new();
    private volatile TaskCompletionSource? _waiting; // set under _gate
    private bool _hasLink; // guarded by _gate

    public void Add(Guid messageId, long sequenceNumber) => _queued.Enqueue((messageId, sequenceNumber));

    /// <summary>Completes when the wire keeps up, or there is no link any more. To be awaited after each message.</summary>
    public Task WhenKeepingUpAsync()
    {
        if (_queued.Count < MaxQueued)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            if (!_hasLink || _queued.Count < MaxQueued)
            {
                return Task.CompletedTask;
            }

            var waiting = _waiting ?? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting = waiting;
            return waiting.Task;
        }
    }

    /// <summary>There is a link; or there is none, or none will be: nobody waits for the wire then.</summary>
    public void SetLink(bool isThere)
    {
        lock (_gate)
        {
            _hasLink = isThere;
        }

        if (!isThere)
        {
            Release();
        }
    }

    /// <summary>What the last link may have lost goes out on the next one, too.</summary>
    public void RepeatRecent()
    {
        foreach (var acknowledge in _recent.TakeAll())
        {
            _queued.Enqueue(acknowledge);
        }
    }

    /// <param name="message">Valid until the next call.</param>
    public bool TryTake(out ReadOnlyMemory<byte> message)
    {
        if (!_queued.TryDequeue(out var acknowledged))
        {
            message = default;
            if (_waiting is not null)
            {
                Release();
            }

            return false;
        }

        _recent.Add(acknowledged.MessageId, acknowledged.SequenceNumber);
        var payloadBytes = AcknowledgeContent.Write(
            _message.AsSpan(ClientMessageCodec.OverheadBytes),
            MessageType.OutputStreamData,
            acknowledged.MessageId,
            acknowledged.SequenceNumber
        );
        var header = new ClientMessageHeader(
            MessageType.Acknowledge,
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            SequenceNumber: 0,
            ClientMessageHeader.SynFlag | ClientMessageHeader.FinFlag,
            Guid.NewGuid(),
            PayloadType.None
        );
        message = _message.AsMemory(0, ClientMessageCodec.WriteAround(_message, header, payloadBytes));
        return true;
    }

    private void Release()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _waiting;
            _waiting = null;
        }

        waiting?.TrySetResult();
    }
}
