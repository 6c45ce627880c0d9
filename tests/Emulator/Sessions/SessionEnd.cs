namespace RdsTunnel.Emulator.Sessions;

/// <summary>Why a session is over.</summary>
public enum SessionEndReason
{
    /// <summary>TerminateSession was called.</summary>
    Terminated,

    /// <summary>The agent is done: the client sent the flag TerminateSession, or the agent failed, which its output tells.</summary>
    AgentFinished,

    /// <summary>No data either way for too long.</summary>
    IdleTimeout,

    /// <summary>The session reached its greatest age.</summary>
    MaximumDuration,

    /// <summary>Ended on purpose.</summary>
    Fault,

    /// <summary>The emulator stopped.</summary>
    EmulatorStopped,

    /// <summary>The emulator itself failed.</summary>
    EmulatorFailed,
}

/// <param name="Output">What <c>channel_closed</c> told both sides.</param>
public sealed record SessionEnd(SessionEndReason Reason, string Output, DateTimeOffset EndedAt);
