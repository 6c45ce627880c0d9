// The tools of AI agents that run in the editor.
namespace RdsTunnel.Rpc;

/// <param name="Tool">A name of agents.md.</param>
/// <param name="Client">The program that speaks for the agent.</param>
/// <param name="Arguments">The agent's (JSON object).</param>
/// <param name="Question">The question that a person has answered, as it was given.</param>
/// <param name="Consent">The answer.</param>
public sealed record CallAgentToolParams(
    string Tool,
    string Client,
    string Arguments = "{}",
    string? Question = null,
    AgentConsent? Consent = null
);

/// <param name="Answer">For the agent, without a secret (JSON object).</param>
/// <param name="Error">For the agent and the person: what, why, what next.</param>
/// <param name="Question">For a person: nothing was done, and nothing will be without an answer.</param>
/// <param name="NeedsDialog">Only an answer in a dialog counts, not the editor's confirmation.</param>
public sealed record CallAgentToolResult(string? Answer = null, string? Error = null, string? Question = null, bool? NeedsDialog = null);

public enum AgentConsent
{
    /// <summary>The editor asked before it ran the tool, or a person lets it run such tools unasked.</summary>
    Confirmed,

    /// <summary>A person agreed in a dialog.</summary>
    Agreed,

    /// <summary>A person declined.</summary>
    Declined,
}
