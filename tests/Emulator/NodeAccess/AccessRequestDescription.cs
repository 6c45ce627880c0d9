namespace RdsTunnel.Emulator.NodeAccess;

/// <summary>An access request as it is now.</summary>
/// <param name="Requester">Who made it, and alone may ask about it.</param>
/// <param name="Tokens">How often its credentials were given out.</param>
public sealed record AccessRequestDescription(
    string Id,
    string InstanceId,
    string Reason,
    string Requester,
    AccessStatus Status,
    int Tokens
);
