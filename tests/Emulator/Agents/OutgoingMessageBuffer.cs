using System.Diagnostics.CodeAnalysis;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Agents;

/// <summary>What the agent has sent and not seen acknowledged. As in the real agent, what does not
/// fit is sent all the same but not kept, so
/// that its loss is for ever. Not thread-safe.</summary>
internal sealed class OutgoingMessageBuffer(TimeProvider time)
{
    /// <summary>The real agent's own bound: about 100 MB.</summary>
    public const int Capacity = 100_000;

    private readonly Dictionary<long, SentMessage> _messages = [];

    // Nothing below it is kept any more.
    private long _oldestSequenceNumber;

    public int Count => _messages.Count;

    public RetransmissionTimeout Timeout { get; } = new();

    public void Add(long sequenceNumber, RelayMessage message)
    {
        if (_messages.Count == Capacity)
        {
            message.Release();
            return;
        }

        if (_messages.Count == 0)
        {
            _oldestSequenceNumber = sequenceNumber;
        }

        _messages.Add(sequenceNumber, new SentMessage(message, time.GetTimestamp()));
    }

    public void Acknowledge(long sequenceNumber)
    {
        if (_messages.Remove(sequenceNumber, out var sent))
        {
            Timeout.Sample(time.GetElapsedTime(sent.LastSentTimestamp));
            sent.Message.Release();
        }
    }

    /// <summary>The oldest message, when its acknowledgement is late; it counts as sent now. The copy is the caller's.</summary>
    public bool TryTakeLate([NotNullWhen(true)] out RelayMessage? copy)
    {
        copy = null;
        if (_messages.Count == 0)
        {
            return false;
        }

        SentMessage oldest;
        while (!_messages.TryGetValue(_oldestSequenceNumber, out oldest))
        {
            _oldestSequenceNumber++;
        }

        if (time.GetElapsedTime(oldest.LastSentTimestamp) <= Timeout.Value)
        {
            return false;
        }

        _messages[_oldestSequenceNumber] = oldest with { LastSentTimestamp = time.GetTimestamp() };
        copy = RelayMessage.CopyOf(oldest.Message.Span);
        return true;
    }

    public void Clear()
    {
        foreach (var sent in _messages.Values)
        {
            sent.Message.Release();
        }

        _messages.Clear();
    }

    private readonly record struct SentMessage(RelayMessage Message, long LastSentTimestamp);
}
