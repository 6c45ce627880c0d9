using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery;

/// <summary>Services and tasks of ECS as jump hosts, with what EC2 knows of their network.</summary>
/// <param name="Failure">Why they cannot be listed.</param>
/// <param name="NetworkFailure">Why their network is not known.</param>
internal sealed record TaskLookup(
    IReadOnlyList<ManagedNode> Nodes,
    DiscoveryFailure? Failure = null,
    DiscoveryFailure? NetworkFailure = null
)
{
    public static async Task<TaskLookup> RunAsync(AwsScope scope, IInventory inventory, bool refresh, CancellationToken cancellationToken)
    {
        IReadOnlyList<ManagedNode> tasks;
        try
        {
            tasks = await inventory.ListTasksAsync(refresh, cancellationToken).ConfigureAwait(false);
        }
        catch (AwsException e)
        {
            return new TaskLookup([], Failure: Failed("ecs:ListClusters", e));
        }

        try
        {
            var ids = tasks.Select(task => task.NetworkInterfaceId).OfType<string>().ToList();
            var interfaces = (await inventory.ListInterfacesAsync(ids, cancellationToken).ConfigureAwait(false))
                .DistinctBy(each => each.Id)
                .ToDictionary(each => each.Id);
            // Where one is missing, a deployment has replaced its task since that was listed.
            return !refresh && !ids.TrueForAll(interfaces.ContainsKey)
                ? await RunAsync(scope, inventory, refresh: true, cancellationToken).ConfigureAwait(false)
                : new TaskLookup([
                    .. tasks.Select(task =>
                        task with
                        {
                            Instance = interfaces.GetValueOrDefault(task.NetworkInterfaceId ?? "")?.InstanceOf(task),
                        }
                    ),
                ]);
        }
        catch (AwsException e)
        {
            return new TaskLookup(tasks, NetworkFailure: Failed("ec2:DescribeNetworkInterfaces", e));
        }

        DiscoveryFailure Failed(string action, AwsException e) =>
            new(e.Action ?? action, e.Code, e.Message, scope.Profile, inventory.Region);
    }
}
