using RdsTunnel.Aws;
using RdsTunnel.Databases;
using RdsTunnel.DataChannels;
using RdsTunnel.Faults;
using RdsTunnel.Smux;

namespace RdsTunnel.Tunnels;

/// <summary>Turns a failure of a lower project into one of a tunnel.</summary>
internal static class TunnelFaults
{
    public static TunnelFault From(Exception failure) =>
        new(CodeOf(failure), SafeText.Describe(failure) + (failure is LoginException { Hint: { } hint } ? $". {hint}" : "."));

    public static TunnelState StateOf(TunnelFault fault) =>
        fault.Code switch
        {
            TunnelErrorCode.CredentialsMissing or TunnelErrorCode.CredentialsExpired => TunnelState.NeedsSignIn,
            TunnelErrorCode.JumpHostChoiceNeeded => TunnelState.NeedsJumpHost,
            TunnelErrorCode.AccessPending => TunnelState.NeedsApproval,
            _ => TunnelState.Faulted,
        };

    /// <summary>The user can fix it at once: connections wait.</summary>
    public static bool IsUpToAPerson(TunnelFault fault) => StateOf(fault) != TunnelState.Faulted;

    private static TunnelErrorCode CodeOf(Exception failure) =>
        failure switch
        {
            TunnelException e => e.Code,
            LoginException { InnerException: (TunnelException or AwsException) and var cause } => CodeOf(cause),
            LoginException => TunnelErrorCode.LoginFailed,
            AwsException e => CodeOf(e.Code),
            DataChannelException { InnerException: AwsException e, Error: DataChannelError.ResumeRefused } => CodeOf(e.Code),
            DataChannelException e => e.Error switch
            {
                DataChannelError.Unreachable or DataChannelError.ResumeRefused => TunnelErrorCode.DataChannelUnreachable,
                DataChannelError.ChannelRefused => TunnelErrorCode.ChannelRefused,
                DataChannelError.HandshakeTimeout => TunnelErrorCode.HandshakeTimeout,
                DataChannelError.HandshakeRefused => TunnelErrorCode.HandshakeRefused,
                DataChannelError.ProtocolError => TunnelErrorCode.AgentProtocolError,
                DataChannelError.PeerUnresponsive => TunnelErrorCode.AgentUnresponsive,
                DataChannelError.SessionEnded => TunnelErrorCode.SessionEnded,
                DataChannelError.HostForbidden => TunnelErrorCode.HostForbidden,
                _ => TunnelErrorCode.InternalError,
            },
            SmuxException { Code: SmuxError.SlowReader } => TunnelErrorCode.SlowReader,
            SmuxException { Code: SmuxError.ProtocolError } => TunnelErrorCode.AgentProtocolError,
            SmuxException { Code: SmuxError.KeepAliveTimeout } => TunnelErrorCode.AgentUnresponsive,
            SmuxException { InnerException: { } inner } => CodeOf(inner),
            _ => TunnelErrorCode.InternalError,
        };

    private static TunnelErrorCode CodeOf(AwsErrorCode code) =>
        code switch
        {
            AwsErrorCode.CredentialsMissing => TunnelErrorCode.CredentialsMissing,
            AwsErrorCode.CredentialsExpired => TunnelErrorCode.CredentialsExpired,
            AwsErrorCode.CredentialsInvalid => TunnelErrorCode.CredentialsInvalid,
            AwsErrorCode.RegionMissing => TunnelErrorCode.RegionMissing,
            AwsErrorCode.ConfigurationInvalid => TunnelErrorCode.ConfigurationInvalid,
            AwsErrorCode.AccessDenied => TunnelErrorCode.AccessDenied,
            AwsErrorCode.ChannelDenied => TunnelErrorCode.ChannelDenied,
            AwsErrorCode.AccessPending => TunnelErrorCode.AccessPending,
            AwsErrorCode.AccessEnded => TunnelErrorCode.AccessEnded,
            AwsErrorCode.TargetNotConnected => TunnelErrorCode.TargetNotConnected,
            AwsErrorCode.InvalidDocument => TunnelErrorCode.InvalidDocument,
            AwsErrorCode.InvalidRequest => TunnelErrorCode.ServiceRefused,
            AwsErrorCode.InvalidAddress => TunnelErrorCode.InvalidRequest,
            AwsErrorCode.Throttled => TunnelErrorCode.Throttled,
            AwsErrorCode.Unreachable => TunnelErrorCode.ServiceUnreachable,
            AwsErrorCode.CredentialsUnavailable => TunnelErrorCode.CredentialsUnavailable,
            _ => TunnelErrorCode.ServiceFault,
        };
}
