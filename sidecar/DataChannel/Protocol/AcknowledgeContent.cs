using System.Text.Json;
using System.Text.Unicode;

namespace RdsTunnel.DataChannels.Protocol;

/// <summary>The payload of an <c>acknowledge</c> message: JSON, written and read without
/// allocation, since each data message costs one.</summary>
public static class AcknowledgeContent
{
    /// <summary>Room for the longest content that <see cref="Write"/> makes (a sequence number has up to 19 digits).</summary>
    public const int MaxBytes = 208;

    /// <summary>Writes the content; returns its length.</summary>
    public static int Write(Span<byte> destination, MessageType messageType, Guid messageId, long sequenceNumber)
    {
        var head = "{\"AcknowledgedMessageType\":\""u8;
        head.CopyTo(destination);
        var length = head.Length;
        var name = MessageTypeNames.NameOf(messageType);
        name.CopyTo(destination[length..]);
        length += name.Length;
        if (
            !Utf8.TryWrite(
                destination[length..],
                $"\",\"AcknowledgedMessageId\":\"{messageId:D}\",\"AcknowledgedMessageSequenceNumber\":{sequenceNumber},\"IsSequentialMessage\":true}}",
                out var written
            )
        )
        {
            throw new ArgumentException("The destination is too small.", nameof(destination));
        }

        return length + written;
    }

    /// <summary>Reads which message is acknowledged; false when the payload is no such content.</summary>
    /// <param name="messageId"><see cref="Guid.Empty"/> when there is none that can be read.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, out long sequenceNumber, out Guid messageId)
    {
        sequenceNumber = -1;
        messageId = Guid.Empty;
        var reader = new Utf8JsonReader(payload);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                var isSequenceNumber = reader.ValueTextEquals("AcknowledgedMessageSequenceNumber"u8);
                var isMessageId = reader.ValueTextEquals("AcknowledgedMessageId"u8);
                reader.Read();
                if (isMessageId && (reader.TokenType != JsonTokenType.String || !reader.TryGetGuid(out messageId)))
                {
                    messageId = Guid.Empty;
                }

                if (isSequenceNumber && (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out sequenceNumber)))
                {
                    return false;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return sequenceNumber >= 0;
    }
}
