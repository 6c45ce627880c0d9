namespace RdsTunnel.Agents;

/// <summary>Keeps what AI agents did with tunnels on this machine. Thread-safe.</summary>
public interface IAgentLog
{
    /// <summary>Returns when it is written. Texts are cleaned.</summary>
    /// <exception cref="RdsTunnel.Tunnels.TunnelException">It can't be written.</exception>
    Task WriteAsync(AgentAction action, CancellationToken cancellationToken);
}
