using RdsTunnel.Tunnels;

namespace RdsTunnel.Diagnosis;

/// <summary>Starts a session, and opens its data channel.</summary>
internal static class SessionCheck
{
    /// <returns>With the local port that leads through the session, if there is one.</returns>
    public static async Task<(CheckStep Permission, CheckStep Session, int? LocalPort)> RunAsync(
        TunnelManager tunnels, TunnelRequest request, TimeProvider time, CancellationToken cancellationToken)
    {
        var document = request.Host is null ? "AWS-StartPortForwardingSession" : "AWS-StartPortForwardingSessionToRemoteHost";
        var may = new CheckStep(CheckStepName.Permission, CheckOutcome.Passed, $"May start a session on {request.Target} with {document}.");
        var started = time.GetTimestamp();
        try
        {
            var tunnel = await tunnels.OpenAsync(request with { OpenNow = true, LocalPort = 0, MaxSessions = 1 }, cancellationToken).ConfigureAwait(false);
            return (may, new(CheckStepName.Session, CheckOutcome.Passed, $"Open after {time.GetElapsedTime(started).TotalMilliseconds:0} ms."), tunnel.LocalPort);
        }
        catch (TunnelException e)
        {
            var (permission, session) = e.Code switch
            {
                TunnelErrorCode.AccessDenied or TunnelErrorCode.InvalidDocument => (
                    new CheckStep(CheckStepName.Permission, CheckOutcome.Failed, e.Message, $"docs/permissions.md has the policy: ssm:StartSession on the jump host and on {document}."),
                    new CheckStep(CheckStepName.Session, CheckOutcome.Unknown, "Not looked at, because no session may be started.")),
                // By then the session had been started.
                TunnelErrorCode.DataChannelUnreachable or TunnelErrorCode.HandshakeTimeout or TunnelErrorCode.HandshakeRefused or TunnelErrorCode.AgentProtocolError
                    or TunnelErrorCode.AgentUnresponsive or TunnelErrorCode.SessionEnded => (may, new(CheckStepName.Session, CheckOutcome.Failed, e.Message)),
                _ => (new(CheckStepName.Permission, CheckOutcome.Unknown, "Could not be told."), new(CheckStepName.Session, CheckOutcome.Failed, e.Message)),
            };
            return (permission, session, null);
        }
    }
}
