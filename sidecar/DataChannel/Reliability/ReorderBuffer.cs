using System.Buffers;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.DataChannels.Reliability;

internal enum Arrival
{
    /// <summary>It is the next one: process it, then acknowledge it.</summary>
    Expected,

    /// <summary>It came too early and is kept: acknowledge it.</summary>
    Kept,

    /// <summary>It has been here before: acknowledge it again, since the first acknowledgement may have been lost.</summary>
    Duplicate,

    /// <summary>There is no room for it: do nothing, the peer will send it again.</summary>
    Refused,
}

/// <summary>The receiving half of a reliable channel: puts numbered messages back into their order. Not thread-safe.</summary>
internal sealed class ReorderBuffer : IDisposable
{
    /// <summary>
    /// What may wait for a missing message. The node resends one message each 100 ms while it goes on sending about 0.9 MB/s, so a cut that
    /// lost 500 messages lets some 45 MB of later ones arrive; each that is refused has to be resent at that slow pace too.
    /// </summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>A peer whose numbers run further ahead than it could ever buffer itself is not making sense.</summary>
    public const int MaxMessages = 100_000;

    private readonly Dictionary<long, (PayloadType PayloadType, byte[] Buffer, int LengthBytes)> _early = [];
    private int _bytes;

    public long ExpectedSequenceNumber { get; private set; }

    /// <summary>Later messages wait for one that is missing.</summary>
    public bool HasGap => _early.Count > 0;

    public Arrival OnArrival(long sequenceNumber, PayloadType payloadType, ReadOnlySpan<byte> payload)
    {
        if (sequenceNumber == ExpectedSequenceNumber)
        {
            return Arrival.Expected;
        }

        if (sequenceNumber < ExpectedSequenceNumber || _early.ContainsKey(sequenceNumber))
        {
            return Arrival.Duplicate;
        }

        if (sequenceNumber - ExpectedSequenceNumber > MaxMessages || _bytes + payload.Length > MaxBytes)
        {
            return Arrival.Refused;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(buffer);
        _bytes += payload.Length;
        _early.Add(sequenceNumber, (payloadType, buffer, payload.Length));
        return Arrival.Kept;
    }

    /// <summary>The expected message has been processed.</summary>
    public void Advance() => ExpectedSequenceNumber++;

    /// <summary>Looks at the expected message, if it came early. It stays until <see cref="AdvancePeeked"/>.</summary>
    public bool TryPeek(out PayloadType payloadType, out ReadOnlySpan<byte> payload)
    {
        var isHere = _early.TryGetValue(ExpectedSequenceNumber, out var message);
        payloadType = message.PayloadType;
        payload = message.Buffer.AsSpan(0, message.LengthBytes);
        return isHere;
    }

    /// <summary>Takes the message that was looked at as processed.</summary>
    public void AdvancePeeked()
    {
        _early.Remove(ExpectedSequenceNumber, out var message);
        ArrayPool<byte>.Shared.Return(message.Buffer);
        _bytes -= message.LengthBytes;
        Advance();
    }

    public void Dispose()
    {
        foreach (var message in _early.Values)
        {
            ArrayPool<byte>.Shared.Return(message.Buffer);
        }

        _early.Clear();
        _bytes = 0;
    }
}
