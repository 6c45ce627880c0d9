namespace RdsTunnel.Aws;

/// <summary>A service of ECS as a jump host, <c>ecs:cluster/service</c>: each session goes to a task
/// that runs then. StartSession itself takes a task, <c>ecs:cluster_task_runtime</c>.</summary>
public sealed record EcsServiceTarget(string Cluster, string Service)
{
    private const string Prefix = "ecs:";

    /// <returns>Null for any other kind of target.</returns>
    public static EcsServiceTarget? Parse(string target) =>
        target.StartsWith(Prefix, StringComparison.Ordinal)
        && target[Prefix.Length..].Split('/') is [{ Length: > 0 } cluster, { Length: > 0 } service]
            ? new(cluster, service)
            : null;

    public override string ToString() => $"{Prefix}{Cluster}/{Service}";
}
