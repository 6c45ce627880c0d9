namespace RdsTunnel.Rpc;

/// <summary>What the editor's AI agents can do. Thread-safe.</summary>
public interface IAgentTools
{
    Task<CallAgentToolResult> CallAsync(CallAgentToolParams parameters, CancellationToken cancellationToken);
}
