using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery;

/// <inheritdoc cref="IJumpHostFinder"/>
public sealed class JumpHostFinder(IInventories inventories, IDatabaseFinder databases) : IJumpHostFinder
{
    public async Task<JumpHostList> FindAsync(
        AwsScope scope, DatabaseAddress database, string jumpHostTag, bool refresh, CancellationToken cancellationToken)
    {
        var inventory = inventories.InventoryOf(scope);
        var failures = new List<DiscoveryFailure>();
        var nodes = await inventory.ListManagedNodesAsync(cancellationToken).ConfigureAwait(false);

        var instances = (await OrFailureAsync("ec2:DescribeInstances", token => inventory.ListInstancesAsync(
            [.. nodes.Select(node => node.Target).Where(target => target.StartsWith("i-", StringComparison.Ordinal))], token)).ConfigureAwait(false))
            .ToDictionary(instance => instance.InstanceId);
        var known = database.SecurityGroupIds is not null && database.VpcId is not null ? database : await LookUpAsync().ConfigureAwait(false);
        var groups = await OrFailureAsync(
            "ec2:DescribeSecurityGroups", token => inventory.ListSecurityGroupsAsync(known.SecurityGroupIds ?? [], token)).ConfigureAwait(false);

        var network = new DatabaseNetwork(database.Port, known.VpcId ?? groups.Select(group => group.VpcId).FirstOrDefault(), groups);
        JumpHost[] ranked = [.. nodes.Select(node => node with { Instance = instances.GetValueOrDefault(node.Target) })
            .Select(node => JumpHostRanking.Judge(node, network, jumpHostTag))
            .OrderByDescending(JumpHostRanking.Score).ThenBy(host => host.Target, StringComparer.Ordinal)];
        var best = ranked.FirstOrDefault(host => host.IsUsable);
        return new JumpHostList(ranked, failures, best?.Target, best is null ? JumpHostAdvice.For(ranked, network) : null);

        async Task<IReadOnlyList<T>> OrFailureAsync<T>(string action, Func<CancellationToken, Task<IReadOnlyList<T>>> list)
        {
            try
            {
                return await list(cancellationToken).ConfigureAwait(false);
            }
            catch (AwsException e)
            {
                failures.Add(new DiscoveryFailure(action, e.Code, e.Message, scope.Profile, inventory.Region));
                return [];
            }
        }

        async Task<DatabaseAddress> LookUpAsync()
        {
            await foreach (var batch in databases.FindAsync([scope], refresh, cancellationToken).ConfigureAwait(false))
            {
                if (batch.Failure is { } failure)
                {
                    failures.Add(failure);
                }

                if (batch.Databases.FirstOrDefault(each => string.Equals(each.Host, database.Host, StringComparison.OrdinalIgnoreCase)) is { } found)
                {
                    return database with { VpcId = found.VpcId, SecurityGroupIds = found.SecurityGroupIds };
                }
            }

            return database;
        }
    }
}

/// <summary>What is known of the network around a database.</summary>
internal sealed record DatabaseNetwork(int Port, string? VpcId, IReadOnlyList<SecurityGroup> SecurityGroups);
