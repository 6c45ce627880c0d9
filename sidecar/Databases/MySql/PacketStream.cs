using System.Security.Cryptography;

namespace RdsTunnel.Databases.MySql;

/// <summary>A packet without its header.</summary>
internal readonly record struct Packet(byte Sequence, ReadOnlyMemory<byte> Payload)
{
    private const byte ErrorMark = 0xff;

    public bool IsOk => First == 0x00;

    public bool IsAuthMoreData => First == 0x01;

    public bool IsAuthSwitch => First == 0xfe;

    public bool IsError => First == ErrorMark;

    private int First => Payload.IsEmpty ? -1 : Payload.Span[0];
}

/// <summary>Packets of a sign-in on a stream: no byte is read beyond the one that was asked for.
/// Not thread-safe; one reads while one writes.</summary>
/// <remarks><code>
///  0               3          4
/// ┌───────────────┬──────────┬──────────────┐
/// │ length        │ sequence │ payload      │
/// │ u24 LE        │ u8       │ length × u8  │
/// └───────────────┴──────────┴──────────────┘
/// </code>A payload of 16 MiB goes on in the next packet. No packet of a sign-in comes near: a
/// longer one than <see cref="MaxPayloadBytes"/> is refused by its header.</remarks>
internal sealed class PacketStream(Stream stream)
{
    /// <summary>The servers take 64 KiB of connection attributes, beside the names of user and database. The first bytes of
    /// HTTP and TLS, read as a length, are more: those of TLS 66,326.</summary>
    public const int MaxPayloadBytes = 66_000;

    /// <summary>More would need another packet.</summary>
    private const int MaxSentBytes = 0xfffffe;

    private const int HeaderBytes = 4;

    public Stream Stream { get; } = stream;

    /// <exception cref="MalformedPacketException">The packet is empty or too long.</exception>
    /// <exception cref="EndOfStreamException">The peer has closed the connection.</exception>
    public async Task<Packet> ReadAsync(bool mayBeEmpty, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        await Stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
        var length = header[0] | (header[1] << 8) | (header[2] << 16);
        if (length > MaxPayloadBytes)
        {
            throw new PacketTooLongException(header[3]);
        }

        if (length == 0 && !mayBeEmpty)
        {
            throw new MalformedPacketException("a packet is empty");
        }

        var payload = new byte[length];
        await Stream.ReadExactlyAsync(payload, cancellationToken).ConfigureAwait(false);
        return new Packet(header[3], payload);
    }

    /// <summary>In one write, whose copy of the payload is overwritten afterwards: it may hold a password.</summary>
    public async Task WriteAsync(Packet packet, CancellationToken cancellationToken)
    {
        var length = packet.Payload.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxSentBytes);
        var bytes = GC.AllocateUninitializedArray<byte>(HeaderBytes + length, pinned: true);
        try
        {
            bytes[0] = (byte)length;
            bytes[1] = (byte)(length >> 8);
            bytes[2] = (byte)(length >> 16);
            bytes[3] = packet.Sequence;
            packet.Payload.CopyTo(bytes.AsMemory(HeaderBytes));
            await Stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            await Stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
