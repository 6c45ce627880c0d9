namespace RdsTunnel.DataChannels;

/// <summary>The end of a data channel that was not asked for. Everybody who uses the channel sees the same one.</summary>
public sealed class DataChannelException(DataChannelError error, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public DataChannelError Error { get; } = error;
}

public enum DataChannelError
{
    /// <summary>The websocket could not be opened, or did not stay open until the handshake was over.</summary>
    Unreachable,

    /// <summary>The service does not let this client open the channel, whatever the token: its version, or what it sends.</summary>
    ChannelRefused,

    /// <summary>The node did not complete the handshake in time.</summary>
    HandshakeTimeout,

    /// <summary>The node asked for something that this client does not do.</summary>
    HandshakeRefused,

    /// <summary>The node sent something that is not the protocol.</summary>
    ProtocolError,

    /// <summary>The link is up, but the node has not acknowledged a message for minutes.</summary>
    PeerUnresponsive,

    /// <summary>The service says that the session is over: idle timeout, its maximum duration, or somebody ended it.</summary>
    SessionEnded,

    /// <summary>The node refuses to forward to the session's host, whoever asks.</summary>
    HostForbidden,

    /// <summary>The session may not be resumed any more: permission or credentials.</summary>
    ResumeRefused,

    /// <summary>A fault of this program.</summary>
    InternalError,
}
