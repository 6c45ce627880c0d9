using System.Text;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Emulator.Tests.Support;

internal sealed record ReceivedMessage(ClientMessageHeader Header, byte[] Payload)
{
    public MessageType Type => Header.MessageType;

    public string Text => Encoding.UTF8.GetString(Payload);

    public long AcknowledgedSequenceNumber => AcknowledgeContent.TryRead(Payload, out var number, out _) ? number : -1;
}
