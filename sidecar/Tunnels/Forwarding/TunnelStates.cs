using RdsTunnel.Aws;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>What an open tunnel's state is, from what its parts say.</summary>
internal static class TunnelStates
{
    /// <param name="fault">Of the tunnel; null when nothing is amiss.</param>
    /// <param name="isSomebodyWaiting">A connection waits for a person.</param>
    /// <param name="isStartingJumpHost">The session that is being opened waits for its jump host.</param>
    public static (TunnelState State, TunnelFault? Fault) Of(
        PoolSnapshot pool,
        TunnelFault? fault,
        bool isSomebodyWaiting,
        bool isStartingJumpHost
    )
    {
        if (
            pool is
            {
                IsOpen: false,
                ResumeFailure: AwsException { NeedsSignIn: true } or AwsException { Code: AwsErrorCode.CredentialsUnavailable }
            }
        )
        {
            var unresumed = TunnelFaults.From(pool.ResumeFailure);
            return (TunnelFaults.StateOf(unresumed), unresumed);
        }

        if (pool is { IsOpen: false, ResumeFailure: AwsException { Code: AwsErrorCode.ChannelDenied } denied })
        {
            return (TunnelState.Faulted, TunnelFaults.From(denied));
        }

        // Looking whether somebody has signed in elsewhere is no change.
        var isLooking = isSomebodyWaiting && !pool.IsOpen;
        if (fault is not null && (!pool.IsOpening || isLooking))
        {
            return (TunnelFaults.StateOf(fault), fault);
        }

        return (
            pool switch
            {
                { IsOpen: true } => TunnelState.Open,
                { IsReconnecting: true } => TunnelState.Reconnecting,
                { IsOpening: true } => isStartingJumpHost ? TunnelState.StartingJumpHost : TunnelState.Opening,
                _ => TunnelState.Listening,
            },
            null
        );
    }
}
