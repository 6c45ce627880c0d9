using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace RdsTunnel.Smux;

/// <summary>A piece of an inbox. Every segment but the last is full, so its memory never changes while somebody reads it.</summary>
internal sealed class InboxSegment : ReadOnlySequenceSegment<byte>
{
    /// <summary>16 KiB: a local socket is written in few calls, and a stream that waits for its
    /// reader holds little more than its data.</summary>
    public const int SizeBytes = 16 * 1024;

    private byte[]? _array;

    public InboxSegment? NextSegment => (InboxSegment?)Next;

    public long End => RunningIndex + SizeBytes;

    [MemberNotNull(nameof(_array))]
    public void Rent(long position)
    {
        _array = ArrayPool<byte>.Shared.Rent(SizeBytes);
        Memory = _array.AsMemory(0, SizeBytes);
        RunningIndex = position;
    }

    /// <summary>Gives the memory back. The segment may be rented again.</summary>
    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_array!);
        _array = null;
        Memory = default;
        Next = null;
    }

    public void Append(InboxSegment next) => Next = next;

    public void CutAfter() => Next = null;

    public Span<byte> SpanFrom(long position) => _array.AsSpan((int)(position - RunningIndex), (int)(End - position));
}
