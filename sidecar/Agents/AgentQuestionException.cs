namespace RdsTunnel.Agents;

/// <summary>Nothing was done: a person has to answer first, and is not asked from here.</summary>
public sealed class AgentQuestionException(AgentQuestion question) : Exception("A person has to answer first.")
{
    public AgentQuestion Question { get; } = question;
}
