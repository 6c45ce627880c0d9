using RdsTunnel.Aws;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels;

/// <summary>A tunnel could not do what was asked. The message says what failed, whose fault it is, and what to do.</summary>
public sealed class TunnelException(TunnelErrorCode code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public TunnelException(AwsException cause)
        : this(TunnelFaults.From(cause).Code, SafeText.Describe(cause) + ".", cause)
    {
    }

    public TunnelErrorCode Code { get; } = code;
}

/// <summary>Names the phase and the guilty side. The names go over the wire: append, never rename.</summary>
public enum TunnelErrorCode
{
    // The request, or this machine.
    InvalidRequest,
    NotFound,
    LocalPortInUse,
    LocalPortDenied,

    // Signing in, and the SSM API.
    CredentialsMissing,
    CredentialsExpired,
    CredentialsInvalid,
    RegionMissing,
    ConfigurationInvalid,
    AccessDenied,
    TargetNotConnected,
    InvalidDocument,
    ServiceRefused,
    Throttled,
    ServiceUnreachable,
    ServiceFault,

    // The data channel and the jump host.
    DataChannelUnreachable,
    HandshakeTimeout,
    HandshakeRefused,
    AgentProtocolError,
    AgentUnresponsive,
    SessionEnded,
    TargetUnreachable,
    SlowReader,
    NoJumpHost,
    JumpHostChoiceNeeded,
    HostForbidden,
    ChannelDenied,
    ChannelRefused,

    /// <summary>What gives the credentials failed.</summary>
    CredentialsUnavailable,

    /// <summary>A defect of this program.</summary>
    InternalError,
}
