using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Sessions;

/// <summary>What went through a session. Counts are read while they change.</summary>
public sealed class SessionCounters
{
    private int _clientConnections;
    private int _signedClientConnections;

    public DirectionCounters ClientToNode { get; } = new();

    public DirectionCounters NodeToClient { get; } = new();

    /// <summary>How often a client has opened the data channel; more than one means that it resumed.</summary>
    public int ClientConnections
    {
        get => Volatile.Read(ref _clientConnections);
        internal set => Volatile.Write(ref _clientConnections, value);
    }

    /// <summary>How often it did so with a signature.</summary>
    public int SignedClientConnections => Volatile.Read(ref _signedClientConnections);

    internal void SignedClientConnected() => Interlocked.Increment(ref _signedClientConnections);

    internal DirectionCounters Of(RelaySide from) => from == RelaySide.Client ? ClientToNode : NodeToClient;
}

/// <summary>Messages in one direction.</summary>
public sealed class DirectionCounters
{
    private long _messages;
    private long _bytes;
    private long _dataMessages;
    private long _acknowledgements;
    private long _delivered;
    private long _lost;

    /// <summary>All messages that the sender has handed in, and their bytes.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long DataMessages => Interlocked.Read(ref _dataMessages);

    public long Acknowledgements => Interlocked.Read(ref _acknowledgements);

    /// <summary>Messages queued for the receiver; a duplicate made on purpose counts twice.</summary>
    public long DeliveredMessages => Interlocked.Read(ref _delivered);

    /// <summary>Messages lost: on purpose, or because the receiver was away.</summary>
    public long LostMessages => Interlocked.Read(ref _lost);

    internal void Received(MessageKind kind, int bytes)
    {
        Interlocked.Increment(ref _messages);
        Interlocked.Add(ref _bytes, bytes);
        if (kind == MessageKind.StreamData)
        {
            Interlocked.Increment(ref _dataMessages);
        }
        else if (kind == MessageKind.Acknowledge)
        {
            Interlocked.Increment(ref _acknowledgements);
        }
    }

    internal void Delivered() => Interlocked.Increment(ref _delivered);

    internal void Lost() => Interlocked.Increment(ref _lost);
}
