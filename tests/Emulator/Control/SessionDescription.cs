using RdsTunnel.Emulator.Sessions;

namespace RdsTunnel.Emulator.Control;

/// <summary>A session as <c>/_emulator/sessions</c> tells it.</summary>
/// <param name="State"><c>active</c> or <c>ended</c>.</param>
/// <param name="EndReason">Absent while the session is active.</param>
/// <param name="AccessRequestId">Whose credentials have started it.</param>
/// <param name="Output">What channel_closed said.</param>
internal sealed record SessionDescription(
    string Id,
    string State,
    SessionEndReason? EndReason,
    string? Output,
    string Target,
    string AgentVersion,
    string Document,
    string? Host,
    int Port,
    string? Reason,
    string? AccessRequestId,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    bool ClientConnected,
    bool NodeConnected,
    int ClientConnections,
    int SignedClientConnections,
    DirectionCounters ClientToNode,
    DirectionCounters NodeToClient
)
{
    public static SessionDescription Of(EmulatedSession session)
    {
        var end = session.EndedWith;
        return new SessionDescription(
            session.Id,
            end is null ? "active" : "ended",
            end?.Reason,
            end?.Output,
            session.Instance.InstanceId,
            session.Instance.AgentVersion,
            session.DocumentName,
            session.Properties.Host,
            session.Properties.PortNumber,
            session.Reason,
            session.AccessRequestId,
            session.StartedAt,
            end?.EndedAt,
            session.IsClientConnected,
            session.IsNodeConnected,
            session.Counters.ClientConnections,
            session.Counters.SignedClientConnections,
            session.Counters.ClientToNode,
            session.Counters.NodeToClient
        );
    }
}
