using System.Collections.Concurrent;

namespace RdsTunnel.Rpc.Tests;

/// <summary>Keeps the actions in memory.</summary>
internal sealed class FakeAgentLog : IAgentLog
{
    /// <summary>Of those tests that do not look at it.</summary>
    public static FakeAgentLog Instance { get; } = new();

    public ConcurrentQueue<AgentAction> Actions { get; } = new();

    public Task WriteAsync(AgentAction action, CancellationToken cancellationToken)
    {
        Actions.Enqueue(action);
        return Task.CompletedTask;
    }
}
