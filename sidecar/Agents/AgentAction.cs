namespace RdsTunnel.Agents;

/// <param name="Action">What was done.</param>
/// <param name="Client">The program that speaks for the agent.</param>
/// <param name="Host">The database's host.</param>
/// <param name="Port">The database's port (TCP port).</param>
/// <param name="LocalPort">The tunnel's (TCP port).</param>
/// <param name="Profile">As asked for.</param>
/// <param name="Region">Likewise.</param>
/// <param name="Identity">Who AWS takes the profile for (ARN).</param>
/// <param name="Consent">How a person agreed.</param>
/// <param name="Reason">The agent's own.</param>
/// <param name="Error">Why nothing was opened.</param>
public sealed record AgentAction(
    AgentActionKind Action,
    string Client,
    string? Host = null,
    int? Port = null,
    int? LocalPort = null,
    string? Profile = null,
    string? Region = null,
    string? Identity = null,
    string? Consent = null,
    string? Reason = null,
    string? Error = null
);

public enum AgentActionKind
{
    /// <summary>A tunnel is about to be opened.</summary>
    Opening,

    /// <summary>A tunnel was opened.</summary>
    Opened,

    /// <summary>A tunnel could not be opened.</summary>
    Failed,

    /// <summary>A person, or the rules, refused it.</summary>
    Refused,

    /// <summary>A tunnel was closed.</summary>
    Closed,
}
