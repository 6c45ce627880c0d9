namespace RdsTunnel.Emulator.Wire;

/// <summary>As much of a message as the relay looks at.</summary>
internal enum MessageKind
{
    Other,
    StreamData,
    Acknowledge,
    AgentSessionState,
}

internal static class MessageKinds
{
    // MessageType follows the 4 bytes of HeaderLength.
    private const int MessageTypeOffset = 4;

    public static MessageKind Of(ReadOnlySpan<byte> message)
    {
        var type = message[Math.Min(MessageTypeOffset, message.Length)..];
        return type.StartsWith("acknowledge"u8) ? MessageKind.Acknowledge
            : type.StartsWith("input_stream_data"u8) || type.StartsWith("output_stream_data"u8) ? MessageKind.StreamData
            : type.StartsWith("agent_session_state"u8) ? MessageKind.AgentSessionState
            : MessageKind.Other;
    }
}
