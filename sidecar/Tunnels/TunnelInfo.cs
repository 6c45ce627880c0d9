using System.Net;

namespace RdsTunnel.Tunnels;

/// <summary>A tunnel as it was at one moment.</summary>
/// <param name="Id">Unique in this process.</param>
/// <param name="JumpHost">As asked for, else the one that was selected last, else null.</param>
/// <param name="LocalPort">The port that is bound, on 127.0.0.1 as a rule.</param>
/// <param name="Fault">Why, when the state is Faulted, NeedsSignIn, NeedsJumpHost or NeedsApproval; otherwise null.</param>
/// <param name="Writer">The instance that its cluster's writer endpoint led to when AWS was asked
/// last; null for another address, or when it is not known.</param>
/// <param name="LastReset">Why a connection was last reset that neither its client nor its target had ended; null if none has been.</param>
public sealed record TunnelInfo(
    string Id,
    TunnelRequest Request,
    SelectedTarget? JumpHost,
    int LocalPort,
    TunnelState State,
    TunnelFault? Fault,
    TunnelFault? LastReset,
    TunnelStatistics Statistics,
    string? Writer = null
)
{
    /// <summary>Where the port is bound.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The socket file; null when there is none.</summary>
    public string? SocketPath { get; init; }

    /// <summary>The file with the certificate that its port shows to tools; null when it has none.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>Nodes of its cluster that have a port of their own, in the order in which the cluster named them.</summary>
    public IReadOnlyList<TunnelNode> Nodes { get; init; } = [];

    /// <summary>What is being done, and how far it has come, when the state is StartingJumpHost; otherwise null.</summary>
    public string? Progress { get; init; }

    /// <summary>The request for access to its jump host: the one that it waits for or uses, or the one that has ended last.</summary>
    public string? AccessRequestId { get; init; }

    /// <summary>How many windows share it.</summary>
    public int Windows { get; init; } = 1;

    public string Name => Request.Name ?? $"{Request.Host ?? Request.Target}:{Request.Port}";
}

/// <summary>A node of a tunnel's cluster, and the port of 127.0.0.1 that leads to it.</summary>
public sealed record TunnelNode(string Host, int Port, int LocalPort);

public enum TunnelState
{
    /// <summary>The port is bound; no session is open. The first connection opens one.</summary>
    Listening,

    /// <summary>A session is being opened; connections wait.</summary>
    Opening,

    /// <summary>The jump host is being started, until its agent answers; connections wait.</summary>
    StartingJumpHost,

    /// <summary>At least one session is open.</summary>
    Open,

    /// <summary>The link of every open session is down and being resumed; connections wait.</summary>
    Reconnecting,

    /// <summary>Credentials are missing or have expired; only a person can renew them.</summary>
    NeedsSignIn,

    /// <summary>No jump host is known to lead to the database: list them, let a person choose, and
    /// say it with <c>jumpHost/choose</c>. Connections wait for five minutes.</summary>
    NeedsJumpHost,

    /// <summary>Access to the jump host was requested, and waits for somebody's approval. Connections wait for five minutes.</summary>
    NeedsApproval,

    /// <summary>No session could be opened, or the jump host could not reach the database. The port
    /// stays bound; the next connection tries again.</summary>
    Faulted,

    /// <summary>The port is released; the tunnel is gone.</summary>
    Closed,
}

/// <summary>Whether the websocket of a data channel was signed.</summary>
public enum ChannelOpening
{
    WithSignature,

    /// <summary>The service refused the signature, and opened it without.</summary>
    SignatureRefused,

    /// <summary>Its address was signed already, or no signature could be made.</summary>
    WithoutSignature,
}

/// <summary>Why a tunnel does not work, as a code and as a sentence for people.</summary>
public sealed record TunnelFault(TunnelErrorCode Code, string Message);

/// <summary>Counters since the tunnel was opened, unless said otherwise.</summary>
/// <param name="RoundTripTime">Smoothed, of the slowest open session; null when there is none.</param>
/// <param name="Retransmissions">Data messages sent more than once.</param>
/// <param name="Resumes">Websockets replaced without losing the session.</param>
public sealed record TunnelStatistics(
    int ConnectionsNow,
    long ConnectionsTotal,
    long BytesUp,
    long BytesDown,
    TimeSpan? RoundTripTime,
    long Retransmissions,
    long Resumes,
    int SessionsNow,
    long SessionsTotal
);
