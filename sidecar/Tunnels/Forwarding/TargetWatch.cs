using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Learns from a tunnel's connections whether its jump host leads to the database; when
/// one that was selected automatically does not, the
/// next connection gets another one. Thread-safe.</summary>
/// <remarks>An agent only says that it could not connect, not why. Where the database has answered
/// through the same session before, it is the
/// database that is down: no other jump host is tried.</remarks>
/// <param name="leave">Takes a session out of use.</param>
internal sealed class TargetWatch(
    TunnelRequest request,
    ITargets targets,
    Action<PortSession> leave,
    Action<TunnelFault> onFault,
    ILogger logger
)
{
    /// <summary>A database answers within a round trip or two. Where a security group drops
    /// packets, an agent says nothing for minutes.</summary>
    private static readonly TimeSpan Answering = TimeSpan.FromSeconds(3);

    /// <summary>Some servers speak only when they are asked, so a client that has asked nothing proves less.</summary>
    private static readonly TimeSpan AnsweringUnasked = TimeSpan.FromSeconds(10);

    private string Destination => $"{request.Host}:{request.Port}";

    private bool IsAutomatic => request.Target is null;

    public void OnAnswered(PortSession session)
    {
        if (session.SetAnswered() && IsAutomatic)
        {
            targets.OnReached(request, session.Target);
        }
    }

    public void OnRefused(PortSession session) =>
        onFault(
            new TunnelFault(
                TunnelErrorCode.TargetUnreachable,
                IsAutomatic && !session.HasAnswered
                    ? Describe(PassOver(session, "it could not connect"), "could not connect to")
                    : $"The jump host {session.Target} could not connect to {request.Host ?? session.Target}:{request.Port}. Check the host and port, that the database is running, "
                        + "and that its security groups allow the jump host."
            )
        );

    public void OnGivenUp(PortSession session, TimeSpan after, bool hasAsked)
    {
        if (IsAutomatic && !session.HasAnswered && after >= (hasAsked ? Answering : AnsweringUnasked))
        {
            onFault(
                new TunnelFault(
                    TunnelErrorCode.TargetUnreachable,
                    Describe(PassOver(session, "there was no answer"), "got no response from")
                )
            );
        }
    }

    private FailedTargets PassOver(PortSession session, string why)
    {
        TunnelLog.JumpHostPassedOver(logger, session.Target, $"{why} ({Destination})");
        leave(session);
        return targets.OnFailed(request, session.Target, TargetFailure.NoDatabase);
    }

    private string Describe(FailedTargets failed, string how) =>
        (
            failed.Tried.Count > 1
                ? $"None of the jump hosts tried ({string.Join(", ", failed.Tried)}) reached {Destination}: the last one {how} it."
                : $"The jump host {failed.Tried[0]} {how} {Destination}."
        )
        + " Check the host and port, that the database is running, and that its security groups allow the jump host. "
        + (
            failed.HasOther
                ? "The next connection tries another jump host. You can also choose one (target)."
                : "No other suitable jump host was found. If you know one, choose it (target)."
        );
}
