using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.DataChannels.Tests.Protocol;

public sealed class ClientMessageCodecTests
{
    [Theory]
    [MemberData(nameof(RecordedSession.Indexes), MemberType = typeof(RecordedSession))]
    public void TryRead_RecordedMessage_GivesEveryField(int index)
    {
        var recorded = RecordedSession.Messages[index];

        var error = ClientMessageCodec.TryRead(recorded.Bytes, out var header, out var payload);

        Assert.Equal(ClientMessageError.None, error);
        Assert.Equal(recorded.MessageType, Encoding.ASCII.GetString(MessageTypeNames.NameOf(header.MessageType)));
        Assert.Equal(recorded.CreatedDate, header.CreatedDateMilliseconds);
        Assert.Equal(recorded.SequenceNumber, header.SequenceNumber);
        Assert.Equal(recorded.Flags, header.Flags);
        Assert.Equal(recorded.MessageId, header.MessageId);
        Assert.Equal(recorded.PayloadType, (uint)header.PayloadType);
        Assert.Equal(recorded.PayloadLength, payload.Length);
    }

    [Theory]
    [MemberData(nameof(RecordedSession.Indexes), MemberType = typeof(RecordedSession))]
    public void Write_FieldsOfRecordedMessage_GivesTheSameBytes(int index)
    {
        var recorded = RecordedSession.Messages[index];
        ClientMessageCodec.TryRead(recorded.Bytes, out var header, out var payload);
        var written = new byte[recorded.Bytes.Length];

        var length = ClientMessageCodec.Write(written, header, payload);

        Assert.Equal(recorded.Bytes.Length, length);
        Assert.Equal(recorded.Bytes, written);
    }

    [Fact]
    public void AcknowledgeContent_OfRecordedAcknowledges_GivesTheSameBytes()
    {
        var acknowledged = 0;
        foreach (var recorded in RecordedSession.Messages)
        {
            ClientMessageCodec.TryRead(recorded.Bytes, out var header, out var payload);
            if (header.MessageType != MessageType.Acknowledge)
            {
                continue;
            }

            Assert.True(AcknowledgeContent.TryRead(payload, out var sequenceNumber, out var messageId));
            var dataType = recorded.Direction == "clientToNode" ? MessageType.OutputStreamData : MessageType.InputStreamData;
            var data = RecordedSession.Messages.Single(other =>
                other.SequenceNumber == sequenceNumber
                && other.Direction != recorded.Direction
                && other.MessageType.EndsWith("stream_data", StringComparison.Ordinal)
            );
            Assert.Equal(data.MessageId, messageId);
            var written = new byte[AcknowledgeContent.MaxBytes];
            var length = AcknowledgeContent.Write(written, dataType, data.MessageId, sequenceNumber);
            Assert.Equal(Encoding.UTF8.GetString(payload), Encoding.UTF8.GetString(written, 0, length));
            acknowledged++;
        }

        Assert.True(acknowledged > 10);
    }

    [Fact]
    public void TryRead_WhatWriteMade_GivesItBack() =>
        Prop.ForAll<byte[], long, Guid>(
                (payload, sequenceNumber, messageId) =>
                {
                    var header = new ClientMessageHeader(MessageType.InputStreamData, 1, sequenceNumber, 0, messageId, PayloadType.Output);
                    var message = new byte[ClientMessageCodec.OverheadBytes + payload.Length];
                    ClientMessageCodec.Write(message, header, payload);
                    var error = ClientMessageCodec.TryRead(message, out var readHeader, out var readPayload);
                    return error == ClientMessageError.None && readHeader == header && readPayload.SequenceEqual(payload);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void TryRead_AnyBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => ClientMessageCodec.TryRead(bytes, out _, out _) != ClientMessageError.None).QuickCheckThrowOnFailure();

    [Fact]
    public void TryRead_MutatedMessage_NeverThrowsAndNeverAcceptsAChangedPayload()
    {
        var mutations = ArbMap.Default.ArbFor<(int Index, NonNegativeInt At, byte Xor)>();
        Prop.ForAll(
                mutations,
                mutation =>
                {
                    var recorded = RecordedSession.Messages[Math.Abs(mutation.Index % RecordedSession.Messages.Count)];
                    var mutated = (byte[])recorded.Bytes.Clone();
                    var at = mutation.At.Get % mutated.Length;
                    mutated[at] ^= mutation.Xor;
                    var error = ClientMessageCodec.TryRead(mutated, out _, out _);
                    var isInsidePayload = at >= ClientMessageCodec.OverheadBytes;
                    return !isInsidePayload || mutation.Xor == 0 || error == ClientMessageError.Digest;
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(3, ClientMessageError.HeaderLength)]
    [InlineData(39, ClientMessageError.SchemaVersion)]
    [InlineData(80, ClientMessageError.Digest)]
    [InlineData(119, ClientMessageError.PayloadLength)]
    public void TryRead_FieldOutOfOrder_NamesIt(int offset, ClientMessageError expected)
    {
        var message = new byte[ClientMessageCodec.OverheadBytes + 3];
        ClientMessageCodec.Write(message, new(MessageType.OutputStreamData, 1, 0, 0, Guid.Empty, PayloadType.Output), "abc"u8);
        message[offset]++;

        Assert.Equal(expected, ClientMessageCodec.TryRead(message, out _, out _));
    }

    [Fact]
    public void TryRead_CreatedDateZero_IsRefused()
    {
        var message = new byte[ClientMessageCodec.OverheadBytes];
        ClientMessageCodec.Write(message, new(MessageType.OutputStreamData, 0, 0, 0, Guid.Empty, PayloadType.Output), []);

        Assert.Equal(ClientMessageError.CreatedDate, ClientMessageCodec.TryRead(message, out _, out _));
    }

    [Fact]
    public void TryRead_MessageTypePaddedWithNuls_IsKnown()
    {
        var message = new byte[ClientMessageCodec.OverheadBytes];
        ClientMessageCodec.Write(message, new(MessageType.ChannelClosed, 1, 0, 0, Guid.Empty, PayloadType.None), []);
        message.AsSpan(4, 32).Replace((byte)' ', (byte)0);

        ClientMessageCodec.TryRead(message, out var header, out _);

        Assert.Equal(MessageType.ChannelClosed, header.MessageType);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"AcknowledgedMessageId\":7")]
    [InlineData(",\"AcknowledgedMessageId\":\"no id\"")]
    [InlineData(",\"AcknowledgedMessageId\":{}")]
    public void AcknowledgeContent_WithoutAnIdThatCanBeRead_StillNamesTheMessage(string id)
    {
        Assert.True(
            AcknowledgeContent.TryRead(
                Encoding.UTF8.GetBytes($"{{\"AcknowledgedMessageSequenceNumber\":3{id}}}"),
                out var sequenceNumber,
                out var messageId
            )
        );
        Assert.Equal((3, Guid.Empty), (sequenceNumber, messageId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"AcknowledgedMessageSequenceNumber\":\"1\"}")]
    [InlineData("{\"AcknowledgedMessageSequenceNumber\":1.5}")]
    [InlineData("{\"AcknowledgedMessageSequenceNumber\":-1}")]
    [InlineData("{\"Other\":{\"AcknowledgedMessageSequenceNumber\":1}}")]
    [InlineData("{\"AcknowledgedMessageSequenceNumber\":1")]
    public void AcknowledgeContent_NotAnAcknowledge_IsFalse(string payload) =>
        Assert.False(AcknowledgeContent.TryRead(Encoding.UTF8.GetBytes(payload), out _, out _));
}
