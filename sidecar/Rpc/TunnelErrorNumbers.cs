using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>The JSON-RPC number of each tunnel error: 1xxx the request or this machine, 2xxx
/// signing in and the SSM API, 3xxx the data channel
/// and the jump host, 4xxx a defect. Append, never change.</summary>
public static class TunnelErrorNumbers
{
    public static int Of(TunnelErrorCode code) =>
        code switch
        {
            TunnelErrorCode.InvalidRequest => 1001,
            TunnelErrorCode.NotFound => 1002,
            TunnelErrorCode.LocalPortInUse => 1003,
            TunnelErrorCode.LocalPortDenied => 1004,

            TunnelErrorCode.CredentialsMissing => 2001,
            TunnelErrorCode.CredentialsExpired => 2002,
            TunnelErrorCode.CredentialsInvalid => 2003,
            TunnelErrorCode.RegionMissing => 2004,
            TunnelErrorCode.ConfigurationInvalid => 2005,
            TunnelErrorCode.AccessDenied => 2006,
            TunnelErrorCode.TargetNotConnected => 2007,
            TunnelErrorCode.InvalidDocument => 2008,
            TunnelErrorCode.ServiceRefused => 2009,
            TunnelErrorCode.Throttled => 2010,
            TunnelErrorCode.ServiceUnreachable => 2011,
            TunnelErrorCode.ServiceFault => 2012,
            TunnelErrorCode.CredentialsUnavailable => 2013,
            TunnelErrorCode.AccessPending => 2014,
            TunnelErrorCode.AccessEnded => 2015,

            TunnelErrorCode.DataChannelUnreachable => 3001,
            TunnelErrorCode.HandshakeTimeout => 3002,
            TunnelErrorCode.HandshakeRefused => 3003,
            TunnelErrorCode.AgentProtocolError => 3004,
            TunnelErrorCode.AgentUnresponsive => 3005,
            TunnelErrorCode.SessionEnded => 3006,
            TunnelErrorCode.TargetUnreachable => 3007,
            TunnelErrorCode.SlowReader => 3008,
            TunnelErrorCode.NoJumpHost => 3009,
            TunnelErrorCode.ChannelDenied => 3010,
            TunnelErrorCode.ChannelRefused => 3013,
            TunnelErrorCode.JumpHostChoiceNeeded => 3011,
            TunnelErrorCode.HostForbidden => 3012,
            TunnelErrorCode.WriterChanged => 3014,
            TunnelErrorCode.LoginFailed => 3015,

            TunnelErrorCode.InternalError => 4001,

            _ => throw new ArgumentOutOfRangeException(nameof(code), code, "A tunnel error without a number."),
        };
}
