namespace RdsTunnel.DataChannels;

public enum DataChannelState
{
    /// <summary>The websocket is open; the node's handshake is awaited.</summary>
    Handshaking,
    Open,

    /// <summary>The websocket is gone, and is being replaced.</summary>
    Reconnecting,
    Closed,
}

/// <param name="Failure">With Reconnecting: why the last attempt failed, null while the first is
/// under way. With Closed: why, null if asked for.</param>
public sealed record DataChannelStateChange(DataChannelState State, Exception? Failure = null);

/// <summary>Counters since the channel was opened.</summary>
/// <param name="RoundTripTime">Smoothed; null before the first sample.</param>
/// <param name="Retransmissions">Messages sent more than once, counted each time.</param>
/// <param name="Resumes">Websockets replaced.</param>
/// <param name="InvalidMessages">Messages dropped because they could not be read.</param>
public sealed record DataChannelStatistics(
    long BytesSent,
    long BytesReceived,
    TimeSpan? RoundTripTime,
    long Retransmissions,
    long Resumes,
    long InvalidMessages
);
