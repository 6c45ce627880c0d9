using RdsTunnel.Aws;
using RdsTunnel.Tunnels;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Diagnosis;

/// <summary>What starting a session and opening its data channel has shown.</summary>
/// <param name="LocalPort">Leads through the session; null when there is none.</param>
internal sealed record SessionCheck(CheckStep Permission, CheckStep Channel, CheckStep Session, int? LocalPort)
{
    public static async Task<SessionCheck> RunAsync(
        TunnelManager tunnels,
        ISessionServices services,
        TunnelRequest request,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var document =
            request.Document ?? (request.Host is null ? "AWS-StartPortForwardingSession" : "AWS-StartPortForwardingSessionToRemoteHost");
        var started = time.GetTimestamp();
        try
        {
            var tunnel = await tunnels
                .OpenAsync(request with { OpenNow = true, LocalPort = 0, MaxSessions = 1, RequestAccess = null }, cancellationToken)
                .ConfigureAwait(false);
            return new(
                May(),
                Opened(tunnels.ChannelOf(tunnel.Id)),
                new(CheckStepName.Session, CheckOutcome.Passed, $"Open after {time.GetElapsedTime(started).TotalMilliseconds:0} ms."),
                tunnel.LocalPort
            );
        }
        catch (TunnelException e)
        {
            var failed = new CheckStep(CheckStepName.Session, CheckOutcome.Failed, e.Message);
            return e.Code switch
            {
                TunnelErrorCode.AccessDenied when request.RequestAccess is not null => new(
                    new(
                        CheckStepName.Permission,
                        CheckOutcome.Unknown,
                        e.Message,
                        "The tunnel requests access when a connection needs it; a check doesn't. If it has access already, that is not tried here."
                    ),
                    NotReached(CheckStepName.Channel, "no session could be started"),
                    NotReached(CheckStepName.Session, "no session could be started"),
                    null
                ),
                TunnelErrorCode.AccessDenied or TunnelErrorCode.InvalidDocument => new(
                    new(
                        CheckStepName.Permission,
                        CheckOutcome.Failed,
                        e.Message,
                        e.Code == TunnelErrorCode.AccessDenied || request.Document is null
                            ? $"Allow ssm:StartSession on the jump host and on {document}, or request access (requestAccess) if your organization grants it just in time. See docs/permissions.md."
                            : $"Check that {document} fits this tunnel."
                    ),
                    NotReached(CheckStepName.Channel, "no session could be started"),
                    NotReached(CheckStepName.Session, "no session could be started"),
                    null
                ),
                // By then the session had been started.
                TunnelErrorCode.ChannelDenied => new(
                    May(),
                    new(
                        CheckStepName.Channel,
                        CheckOutcome.Failed,
                        e.Message,
                        "Allow ssmmessages:OpenDataChannel on the session. See docs/permissions.md."
                    ),
                    NotReached(CheckStepName.Session, "opening its data channel was denied"),
                    null
                ),
                TunnelErrorCode.ChannelRefused => new(
                    May(),
                    new(CheckStepName.Channel, CheckOutcome.Failed, e.Message),
                    NotReached(CheckStepName.Session, "AWS refused its data channel"),
                    null
                ),
                TunnelErrorCode.DataChannelUnreachable => new(
                    May(),
                    new(
                        CheckStepName.Channel,
                        CheckOutcome.Failed,
                        e.Message,
                        "Allow this computer and its proxy to reach the region's ssmmessages endpoint."
                    ),
                    NotReached(CheckStepName.Session, "its data channel could not be opened"),
                    null
                ),
                // By then the data channel had been opened.
                TunnelErrorCode.HandshakeTimeout
                or TunnelErrorCode.HandshakeRefused
                or TunnelErrorCode.AgentProtocolError
                or TunnelErrorCode.AgentUnresponsive
                or TunnelErrorCode.SessionEnded
                or TunnelErrorCode.HostForbidden => new(May(), new(CheckStepName.Channel, CheckOutcome.Passed, "Opened."), failed, null),
                _ => new(
                    new(CheckStepName.Permission, CheckOutcome.Unknown, "Couldn't be checked."),
                    NotReached(CheckStepName.Channel, "no session could be started"),
                    failed,
                    null
                ),
            };
        }

        // Once a session was started, the document has been read.
        CheckStep May() =>
            new(
                CheckStepName.Permission,
                CheckOutcome.Passed,
                $"Allowed to start a session on {request.Target} with {document}."
                    + (services.For(request.Scope).LeadsTo(request.Document) is { } place ? $" The document always leads to {place}." : "")
            );
    }

    private static CheckStep Opened(ChannelOpening? opening) =>
        opening switch
        {
            ChannelOpening.WithSignature => new(CheckStepName.Channel, CheckOutcome.Passed, "Opened with a signature."),
            ChannelOpening.SignatureRefused => new(
                CheckStepName.Channel,
                CheckOutcome.Passed,
                "Opened unsigned: AWS refused the signed websocket.",
                "Allow ssmmessages:OpenDataChannel on your sessions before AWS requires it. See docs/permissions.md."
            ),
            _ => new(
                CheckStepName.Channel,
                CheckOutcome.Passed,
                "Opened unsigned: the address was already signed, or signing failed. See the log."
            ),
        };

    private static CheckStep NotReached(CheckStepName name, string because) =>
        new(name, CheckOutcome.Unknown, $"Not checked, because {because}.");
}
