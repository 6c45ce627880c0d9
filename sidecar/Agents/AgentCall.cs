namespace RdsTunnel.Agents;

/// <param name="Client">The program that speaks for the agent, as it calls itself; cleaned.</param>
/// <param name="TellAsync">Says what a long action is doing.</param>
public sealed record AgentCall(ToolArguments Arguments, string Client, IPerson Person, Func<string, Task> TellAsync);
