namespace RdsTunnel.DataChannels.Protocol;

/// <summary>The kinds of <see cref="ClientMessageCodec">ClientMessage</see>. What is not listed
/// here is <see cref="Unknown"/> and ignored.</summary>
public enum MessageType
{
    Unknown,

    /// <summary>Client to node, numbered.</summary>
    InputStreamData,

    /// <summary>Node to client, numbered.</summary>
    OutputStreamData,
    Acknowledge,

    /// <summary>Service to both: the session is over.</summary>
    ChannelClosed,

    /// <summary>Service to both: the other side listens again.</summary>
    StartPublication,

    /// <summary>Service to both: the other side has gone.</summary>
    PausePublication,

    /// <summary>Node to service.</summary>
    AgentSessionState,
}

internal static class MessageTypeNames
{
    private static readonly (MessageType Type, byte[] Name)[] All =
    [
        (MessageType.InputStreamData, "input_stream_data"u8.ToArray()),
        (MessageType.OutputStreamData, "output_stream_data"u8.ToArray()),
        (MessageType.Acknowledge, "acknowledge"u8.ToArray()),
        (MessageType.ChannelClosed, "channel_closed"u8.ToArray()),
        (MessageType.StartPublication, "start_publication"u8.ToArray()),
        (MessageType.PausePublication, "pause_publication"u8.ToArray()),
        (MessageType.AgentSessionState, "agent_session_state"u8.ToArray()),
    ];

    public static ReadOnlySpan<byte> NameOf(MessageType type)
    {
        foreach (var (candidate, name) in All)
        {
            if (candidate == type)
            {
                return name;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(type), type, "This message type has no name on the wire.");
    }

    public static MessageType Parse(ReadOnlySpan<byte> name)
    {
        foreach (var (type, candidate) in All)
        {
            if (name.SequenceEqual(candidate))
            {
                return type;
            }
        }

        return MessageType.Unknown;
    }
}
