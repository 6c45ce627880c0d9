namespace RdsTunnel.Emulator.World;

/// <summary>What ECS knows of a task; the rest stands in its instance, which is online when the agent of ECS Exec runs.</summary>
/// <param name="Service">Null for one that was started by hand.</param>
public sealed record EmulatedTask(string Cluster, string? Service)
{
    // Not init: what a world file leaves out keeps its default then.

    /// <summary>False: it has no agent, and no session reaches it.</summary>
    public bool HasExec { get; set; } = true;

    public string LaunchType { get; set; } = "FARGATE";

    /// <summary>Seconds since 1970.</summary>
    public double StartedAt { get; set; } = 1_764_000_000;
}
