using RdsTunnel.Aws;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels;

/// <summary>A tunnel could not do what was asked. The message says what failed, whose fault it is, and what to do.</summary>
public sealed class TunnelException(TunnelErrorCode code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public TunnelException(AwsException cause)
        : this(TunnelFaults.From(cause).Code, SafeText.Describe(cause) + ".", cause) { }

    public TunnelErrorCode Code { get; } = code;

    public static TunnelException NoSuchTunnel(string tunnelId) =>
        new(TunnelErrorCode.NotFound, $"There is no tunnel '{tunnelId}'. It may have been closed already.");
}

/// <summary>Names the phase and the guilty side. The names go over the wire: append, never rename.</summary>
public enum TunnelErrorCode
{
    // The request, or this machine.
    /// <summary>The tunnel that was asked for is invalid.</summary>
    InvalidRequest,

    /// <summary>There is no tunnel with this id.</summary>
    NotFound,

    /// <summary>Another program listens on the local port.</summary>
    LocalPortInUse,

    /// <summary>The system does not let this user listen on the local port.</summary>
    LocalPortDenied,

    // Signing in, and the SSM API.
    /// <summary>No credentials were found.</summary>
    CredentialsMissing,

    /// <summary>The credentials were valid once; sign in again.</summary>
    CredentialsExpired,

    /// <summary>AWS does not know the key, or the secret is wrong.</summary>
    CredentialsInvalid,

    /// <summary>No region was given, and none is configured.</summary>
    RegionMissing,

    /// <summary>The configuration can't be used: an unreadable file, an unknown profile, a region
    /// or an endpoint URL that is none.</summary>
    ConfigurationInvalid,

    /// <summary>The identity lacks a permission.</summary>
    AccessDenied,

    /// <summary>The jump host's agent is offline, or hidden from this identity.</summary>
    TargetNotConnected,

    /// <summary>The session document does not exist in this account and region, is not for ports,
    /// or does not lead where the tunnel does.</summary>
    InvalidDocument,

    /// <summary>AWS refused a parameter.</summary>
    ServiceRefused,

    /// <summary>Too many calls; try later.</summary>
    Throttled,

    /// <summary>No answer from the SSM API: DNS, proxy, TLS or the network.</summary>
    ServiceUnreachable,

    /// <summary>AWS failed, or something that is not AWS answered.</summary>
    ServiceFault,

    // The data channel and the jump host.
    /// <summary>The data channel's websocket can't be opened, or does not stay open until the jump host's agent answers.</summary>
    DataChannelUnreachable,

    /// <summary>The jump host's agent did not start the session in time.</summary>
    HandshakeTimeout,

    /// <summary>The agent wants something that is not supported.</summary>
    HandshakeRefused,

    /// <summary>The agent sent what its protocol does not allow.</summary>
    AgentProtocolError,

    /// <summary>The link is up, but the agent acknowledges nothing.</summary>
    AgentUnresponsive,

    /// <summary>The session was ended by its other side, or by a timeout.</summary>
    SessionEnded,

    /// <summary>The jump host cannot reach the database.</summary>
    TargetUnreachable,

    /// <summary>A local connection was reset because it read too slowly for too long.</summary>
    SlowReader,

    /// <summary>None of the managed instances can reach the database; the message says what is missing.</summary>
    NoJumpHost,

    /// <summary>Some of the managed instances may reach the database, and nothing is known to speak
    /// for one of them: <c>jumpHost/list</c> has them.</summary>
    JumpHostChoiceNeeded,

    /// <summary>The jump host's agent refuses to forward to the host: instance metadata, the VPC's DNS and the like.</summary>
    HostForbidden,

    /// <summary>The session was started, but its data channel may not be opened; the message names
    /// the permission and the resource.</summary>
    ChannelDenied,

    /// <summary>AWS does not let this client open the data channel: its version is too old, or what it sends is not taken.</summary>
    ChannelRefused,

    /// <summary>What gives the credentials failed: <c>credential_process</c>, a container, an
    /// instance, a token file. No sign-in helps.</summary>
    CredentialsUnavailable,

    /// <summary>A connection was reset because it led to an instance that is no longer its cluster's writer.</summary>
    WriterChanged,

    /// <summary>A tunnel's login was not taken: the database refused it, or could not prove that it is the database.</summary>
    LoginFailed,

    /// <summary>Access to the jump host was requested, and nobody has decided yet.</summary>
    AccessPending,

    /// <summary>The request for access to the jump host was rejected or revoked, or has expired: access must be requested again.</summary>
    AccessEnded,

    /// <summary>A defect of the sidecar; the log says more.</summary>
    InternalError,
}
