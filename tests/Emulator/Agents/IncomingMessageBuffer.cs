using System.Diagnostics.CodeAnalysis;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Agents;

/// <summary>Messages that arrived before their turn. Not thread-safe.</summary>
internal sealed class IncomingMessageBuffer
{
    /// <summary>The real agent's own bound.</summary>
    public const int Capacity = 100_000;

    private readonly Dictionary<long, RelayMessage> _messages = [];

    public bool HasRoom => _messages.Count < Capacity;

    /// <summary>Keeps a copy.</summary>
    public void Add(long sequenceNumber, ReadOnlySpan<byte> message)
    {
        Remove(sequenceNumber);
        _messages[sequenceNumber] = RelayMessage.CopyOf(message);
    }

    public bool TryGet(long sequenceNumber, [NotNullWhen(true)] out RelayMessage? message)
    {
        message = _messages.TryGetValue(sequenceNumber, out var found) ? found : null;
        return message is not null;
    }

    public void Remove(long sequenceNumber)
    {
        if (_messages.Remove(sequenceNumber, out var message))
        {
            message.Release();
        }
    }

    public void Clear()
    {
        foreach (var message in _messages.Values)
        {
            message.Release();
        }

        _messages.Clear();
    }
}
