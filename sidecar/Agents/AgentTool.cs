using System.Text.Json;

namespace RdsTunnel.Agents;

/// <summary>One thing that agents can do. Thread-safe.</summary>
/// <param name="description">For the agent.</param>
/// <param name="schema">Of the arguments, in JSON Schema.</param>
public abstract class AgentTool(string name, string title, string description, string schema)
{
    public string Name { get; } = name;

    public string Title { get; } = title;

    public string Description { get; } = description;

    public string Schema { get; } = schema;

    /// <summary>Nothing is changed by it.</summary>
    public virtual bool IsReadOnly => true;

    /// <summary>It may end what somebody uses.</summary>
    public virtual bool IsDestructive => false;

    /// <summary>A second time changes nothing.</summary>
    public virtual bool IsIdempotent => true;

    /// <summary>It asks AWS.</summary>
    public virtual bool AsksAws => true;

    /// <returns>An object.</returns>
    /// <exception cref="AgentException">It can't be done, with what to do.</exception>
    /// <exception cref="Aws.AwsException">Likewise.</exception>
    /// <exception cref="Tunnels.TunnelException">Likewise.</exception>
    public abstract Task<JsonElement> RunAsync(AgentCall call, CancellationToken cancellationToken);
}
