namespace RdsTunnel.DataChannels.Protocol;

/// <summary>What the payload of a numbered message is. The values are the wire's.</summary>
public enum PayloadType : uint
{
    None = 0,

    /// <summary>Data, both ways.</summary>
    Output = 1,
    Error = 2,
    Size = 3,
    Parameter = 4,
    HandshakeRequest = 5,
    HandshakeResponse = 6,
    HandshakeComplete = 7,
    EncChallengeRequest = 8,
    EncChallengeResponse = 9,

    /// <summary>A <see cref="PayloadFlag"/>, four bytes, big-endian.</summary>
    Flag = 10,
    StdErr = 11,
    ExitCode = 12,
}

/// <summary>The signals of a port session. The values are the wire's.</summary>
public enum PayloadFlag : uint
{
    /// <summary>Client to node: the local connection has ended; dial again on the next data. For agents that do not multiplex.</summary>
    DisconnectToPort = 1,

    /// <summary>Client to node: the user is done.</summary>
    TerminateSession = 2,

    /// <summary>Node to client: the target could not be dialled.</summary>
    ConnectToPortError = 3,
}
