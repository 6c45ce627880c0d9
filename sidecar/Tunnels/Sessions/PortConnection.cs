using System.IO.Pipelines;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>One connection to the target, through a session.</summary>
/// <param name="Pipe">Its bytes, both ways. Completing the output does not cut off the answer that is still to come.</param>
/// <param name="Completion">Ends when the connection has; faults when it was reset, with the reason.</param>
/// <param name="Abort">Ends it at once, both ways.</param>
/// <param name="RefusalsBefore"><see cref="PortSession.Refusals"/> when it was opened.</param>
/// <param name="TellsEnd">False for an old agent, which does not say that the target has closed the connection.</param>
internal sealed record PortConnection(
    PortSession Session,
    IDuplexPipe Pipe,
    Task Completion,
    Action Abort,
    bool TellsEnd,
    long RefusalsBefore
)
{
    /// <summary>
    /// Since it was opened the agent could not connect to the target. The agent does not say for
    /// which connection; it is this one when it ends without a byte
    /// of the target.
    /// </summary>
    public bool MayBeRefused => Session.Refusals > RefusalsBefore;

    /// <summary>What <see cref="MayBeRefused"/> means for its client.</summary>
    public TunnelException Refusal() =>
        new(
            TunnelErrorCode.TargetUnreachable,
            $"The jump host {Session.Target} could not connect to the tunnel's host and port. Check both, that the database is running, and that its security groups allow the jump host."
        );
}
