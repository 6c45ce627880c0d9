using System.Buffers;
using System.Globalization;
using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Emulator.Wire;

/// <summary>The messages that the service itself sends to clients and nodes.</summary>
internal sealed class ServiceMessages(string sessionId, TimeProvider time)
{
    // Not empty: the real agent ignores a message that ends with its header.
    private static ReadOnlySpan<byte> NoContent => "{}"u8;

    public RelayMessage StartPublication() => Create(MessageType.StartPublication, Guid.NewGuid(), NoContent);

    public RelayMessage PausePublication() => Create(MessageType.PausePublication, Guid.NewGuid(), NoContent);

    public RelayMessage ChannelClosed(string output)
    {
        var messageId = Guid.NewGuid();
        var content = new ChannelClosed(
            messageId.ToString(),
            time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            DestinationId: sessionId,
            sessionId,
            "channel_closed",
            SchemaVersion: 1,
            output
        );
        return Create(
            MessageType.ChannelClosed,
            messageId,
            JsonSerializer.SerializeToUtf8Bytes(content, DataChannelJson.Default.ChannelClosed)
        );
    }

    private RelayMessage Create(MessageType type, Guid messageId, ReadOnlySpan<byte> payload)
    {
        var header = new ClientMessageHeader(type, time.GetUtcNow().ToUnixTimeMilliseconds(), 0, 0, messageId, PayloadType.None);
        var buffer = ArrayPool<byte>.Shared.Rent(ClientMessageCodec.OverheadBytes + payload.Length);
        return new RelayMessage(buffer, ClientMessageCodec.Write(buffer, header, payload));
    }
}
