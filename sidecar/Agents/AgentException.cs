namespace RdsTunnel.Agents;

/// <summary>A tool can't do what an agent asked for. The message is for the agent and the person behind it: what, why, what next.</summary>
/// <param name="code">For programs.</param>
public sealed class AgentException(AgentErrorCode code, string message) : Exception(message)
{
    public AgentErrorCode Code { get; } = code;

    public static AgentException Invalid(string message) => new(AgentErrorCode.InvalidArgument, message);
}

/// <summary>For programs.</summary>
public enum AgentErrorCode
{
    /// <summary>The agent can mend it.</summary>
    InvalidArgument,
    NotFound,
    TooManyTunnels,

    /// <summary>A person would have to agree, and cannot be asked.</summary>
    CannotAsk,

    /// <summary>A person did not agree.</summary>
    Declined,

    /// <summary>Only a person can sign in.</summary>
    SignInNeeded,
}
