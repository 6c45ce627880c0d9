using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RdsTunnel.DataChannels.Protocol;

/// <summary>Reads and writes the one binary message of the data channel. All integers are big-endian.</summary>
/// <remarks><code>
/// offset size field
/// 0      4    HeaderLength = 116, the offset of PayloadLength
/// 4      32   MessageType, ASCII, padded right with spaces
/// 36     4    SchemaVersion = 1
/// 40     8    CreatedDate, Unix milliseconds
/// 48     8    SequenceNumber
/// 56     8    Flags
/// 64     16   MessageId, a UUID, its least significant half first
/// 80     32   SHA-256 of the payload
/// 112    4    PayloadType
/// 116    4    PayloadLength
/// 120    n    Payload
/// </code></remarks>
public static class ClientMessageCodec
{
    /// <summary>Bytes before the payload.</summary>
    public const int OverheadBytes = 120;

    private const int HeaderLength = 116;
    private const int MessageTypeOffset = 4;
    private const int MessageTypeBytes = 32;
    private const int SchemaVersionOffset = 36;
    private const int CreatedDateOffset = 40;
    private const int SequenceNumberOffset = 48;
    private const int FlagsOffset = 56;
    private const int MessageIdOffset = 64;
    private const int DigestOffset = 80;
    private const int PayloadTypeOffset = 112;
    private const uint SchemaVersion = 1;

    /// <summary>Writes a whole message; returns its length, <see cref="OverheadBytes"/> and the payload's.</summary>
    public static int Write(Span<byte> destination, in ClientMessageHeader header, ReadOnlySpan<byte> payload)
    {
        payload.CopyTo(destination[OverheadBytes..]);
        return WriteAround(destination, header, payload.Length);
    }

    /// <summary>Writes the header of a message whose payload already stands at <see cref="OverheadBytes"/>.</summary>
    public static int WriteAround(Span<byte> destination, in ClientMessageHeader header, int payloadBytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination, HeaderLength);
        var messageType = destination.Slice(MessageTypeOffset, MessageTypeBytes);
        messageType.Fill((byte)' ');
        MessageTypeNames.NameOf(header.MessageType).CopyTo(messageType);
        BinaryPrimitives.WriteUInt32BigEndian(destination[SchemaVersionOffset..], SchemaVersion);
        BinaryPrimitives.WriteInt64BigEndian(destination[CreatedDateOffset..], header.CreatedDateMilliseconds);
        BinaryPrimitives.WriteInt64BigEndian(destination[SequenceNumberOffset..], header.SequenceNumber);
        BinaryPrimitives.WriteUInt64BigEndian(destination[FlagsOffset..], header.Flags);
        WriteMessageId(destination[MessageIdOffset..], header.MessageId);
        SHA256.HashData(destination.Slice(OverheadBytes, payloadBytes), destination[DigestOffset..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[PayloadTypeOffset..], (uint)header.PayloadType);
        BinaryPrimitives.WriteInt32BigEndian(destination[HeaderLength..], payloadBytes);
        return OverheadBytes + payloadBytes;
    }

    /// <summary>Gives a whole message another id: no digest covers it.</summary>
    public static void ReplaceMessageId(Span<byte> message, Guid messageId) => WriteMessageId(message[MessageIdOffset..], messageId);

    /// <summary>Reads a whole message; <paramref name="payload"/> points into <paramref name="message"/>.</summary>
    public static ClientMessageError TryRead(ReadOnlySpan<byte> message, out ClientMessageHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        if (message.Length < OverheadBytes)
        {
            return ClientMessageError.TooShort;
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(message) != HeaderLength)
        {
            return ClientMessageError.HeaderLength;
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(message[SchemaVersionOffset..]) != SchemaVersion)
        {
            return ClientMessageError.SchemaVersion;
        }

        var createdDateMilliseconds = BinaryPrimitives.ReadInt64BigEndian(message[CreatedDateOffset..]);
        if (createdDateMilliseconds == 0)
        {
            return ClientMessageError.CreatedDate;
        }

        var body = message[OverheadBytes..];
        if (BinaryPrimitives.ReadUInt32BigEndian(message[HeaderLength..]) != (uint)body.Length)
        {
            return ClientMessageError.PayloadLength;
        }

        if (!body.IsEmpty && !DigestMatches(message.Slice(DigestOffset, SHA256.HashSizeInBytes), body))
        {
            return ClientMessageError.Digest;
        }

        payload = body;
        header = new ClientMessageHeader(
            MessageTypeNames.Parse(message.Slice(MessageTypeOffset, MessageTypeBytes).TrimEnd(" \0"u8)),
            createdDateMilliseconds,
            BinaryPrimitives.ReadInt64BigEndian(message[SequenceNumberOffset..]),
            BinaryPrimitives.ReadUInt64BigEndian(message[FlagsOffset..]),
            ReadMessageId(message[MessageIdOffset..]),
            (PayloadType)BinaryPrimitives.ReadUInt32BigEndian(message[PayloadTypeOffset..])
        );
        return ClientMessageError.None;
    }

    private static bool DigestMatches(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> payload)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload, digest);
        return digest.SequenceEqual(expected);
    }

    private static void WriteMessageId(Span<byte> destination, Guid messageId)
    {
        Span<byte> uuid = stackalloc byte[16];
        messageId.TryWriteBytes(uuid, bigEndian: true, out _);
        uuid[8..].CopyTo(destination);
        uuid[..8].CopyTo(destination[8..]);
    }

    private static Guid ReadMessageId(ReadOnlySpan<byte> source)
    {
        Span<byte> uuid = stackalloc byte[16];
        source.Slice(8, 8).CopyTo(uuid);
        source[..8].CopyTo(uuid[8..]);
        return new Guid(uuid, bigEndian: true);
    }
}
