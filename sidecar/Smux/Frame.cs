using System.Buffers;
using System.Buffers.Binary;

namespace RdsTunnel.Smux;

internal enum FrameCommand : byte
{
    Syn = 0,
    Fin = 1,
    Psh = 2,
    Nop = 3,
}

/// <summary>The eight bytes that begin every frame. Only PSH carries data, <paramref name="Length"/> bytes of it.</summary>
/// <remarks><code>
///  0         1         2         4                   8
/// ┌─────────┬─────────┬─────────┬───────────────────┬────────────┐
/// │ version │ command │ length  │ stream id         │ data       │
/// │ 1       │ 0 … 3   │ u16 LE  │ u32 LE            │ length × u8│
/// └─────────┴─────────┴─────────┴───────────────────┴────────────┘
/// </code></remarks>
internal readonly record struct FrameHeader(FrameCommand Command, uint StreamId, ushort Length = 0)
{
    public const int SizeBytes = 8;
    private const byte Version = 1;

    public void Write(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = (byte)Command;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], StreamId);
    }

    /// <summary>Takes a header from the front of <paramref name="buffer"/>; false when it is not there yet.</summary>
    /// <exception cref="SmuxException">These are not smux version 1's bytes.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out FrameHeader header)
    {
        header = default;
        if (buffer.Length < SizeBytes)
            return false;

        if (buffer.FirstSpan.Length >= SizeBytes)
        {
            header = Read(buffer.FirstSpan);
        }
        else
        {
            Span<byte> bytes = stackalloc byte[SizeBytes];
            buffer.Slice(0, SizeBytes).CopyTo(bytes);
            header = Read(bytes);
        }

        buffer = buffer.Slice(SizeBytes);
        return true;
    }

    private static FrameHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] != Version)
            throw new SmuxException(SmuxError.ProtocolError, $"The peer sent smux version {bytes[0]} instead of {Version}.");
        if (bytes[1] > (byte)FrameCommand.Nop)
            throw new SmuxException(SmuxError.ProtocolError, $"The peer sent the unknown smux command {bytes[1]}.");

        var header = new FrameHeader(
            (FrameCommand)bytes[1],
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..])
        );
        if (header.Length != 0 && header.Command != FrameCommand.Psh)
            throw new SmuxException(
                SmuxError.ProtocolError,
                $"The peer sent {header.Length} bytes of data with the smux command {header.Command}."
            );
        return header;
    }
}
