namespace RdsTunnel.Rpc.Tests;

/// <summary>Tells back what was asked.</summary>
internal sealed class FakeAgentTools : IAgentTools
{
    public static FakeAgentTools Instance { get; } = new();

    public Task<CallAgentToolResult> CallAsync(CallAgentToolParams parameters, CancellationToken cancellationToken) =>
        Task.FromResult(new CallAgentToolResult(Answer: parameters.Arguments, Error: parameters.Tool, Question: parameters.Question));
}
