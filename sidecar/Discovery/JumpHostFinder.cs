using System.Security.Cryptography;
using System.Text;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Discovery.Names;

namespace RdsTunnel.Discovery;

/// <inheritdoc cref="IJumpHostFinder"/>
/// <param name="spreadBy">Whoever gives another text here prefers another one of equally good jump
/// hosts: the user and the machine, so that a
/// team's tunnels spread.</param>
public sealed class JumpHostFinder(
    IInventories inventories,
    IDatabaseFinder databases,
    IHostNames names,
    JumpHostMemory memory,
    string spreadBy
) : IJumpHostFinder
{
    private readonly DatabaseLookup _lookup = new(databases, names);

    public async Task<JumpHostList> FindAsync(
        AwsScope scope,
        DatabaseAddress database,
        string jumpHostTag,
        bool refresh,
        CancellationToken cancellationToken
    )
    {
        var inventory = inventories.InventoryOf(scope);
        var (listing, lookup) = (
            inventory.ListManagedNodesAsync(cancellationToken),
            TaskLookup.RunAsync(scope, inventory, refresh, cancellationToken)
        );
        await Task.WhenAll(listing, lookup).ConfigureAwait(false);
        var (managed, tasks) = (await listing.ConfigureAwait(false), await lookup.ConfigureAwait(false));
        List<DiscoveryFailure> failures = [.. new[] { tasks.Failure, tasks.NetworkFailure }.OfType<DiscoveryFailure>()];

        var instances = (
            await OrFailureAsync(
                    "ec2:DescribeInstances",
                    token =>
                        inventory.ListInstancesAsync(
                            [.. managed.Select(node => node.Target).Where(target => target.StartsWith("i-", StringComparison.Ordinal))],
                            token
                        )
                )
                .ConfigureAwait(false)
        )
            .DistinctBy(instance => instance.InstanceId)
            .ToDictionary(instance => instance.InstanceId);
        ManagedNode[] nodes =
        [
            .. managed.Select(node => node with { Instance = instances.GetValueOrDefault(node.Target) }),
            .. tasks.Nodes,
        ];
        var (known, isListed, foundBy) =
            database.SecurityGroupIds is not null && database.VpcId is not null
                ? (database, true, null)
                : await _lookup.FindAsync(scope, inventory, database, refresh, failures, cancellationToken).ConfigureAwait(false);
        var groups = await OrFailureAsync(
                "ec2:DescribeSecurityGroups",
                token => inventory.ListSecurityGroupsAsync(known.SecurityGroupIds ?? [], token)
            )
            .ConfigureAwait(false);

        var network = new DatabaseNetwork(database.Port, known.VpcId ?? groups.Select(group => group.VpcId).FirstOrDefault(), groups);
        network = network with
        {
            FoundBy = foundBy,
            PeeredVpcIds = nodes.Any(node => node.Instance?.VpcId is { } vpc && network.VpcId is not null && vpc != network.VpcId)
                ? network.PeersIn(
                    await OrFailureAsync("ec2:DescribeVpcPeeringConnections", inventory.ListPeeringsAsync).ConfigureAwait(false)
                )
                : [],
            PrefixLists = await PrefixListsAsync(network.Rules.SelectMany(each => each.Rule.PrefixListIds).Distinct())
                .ConfigureAwait(false),
        };
        var experience = memory.Recall(scope, database.Host, database.Port);
        var ranked = Rank();
        var best = JumpHostSelection.Recommend(ranked, experience);
        if (best is null && network.VpcId is { } vpcId)
        {
            nodes = [.. nodes, .. await StoppedAsync(vpcId).ConfigureAwait(false)];
            ranked = Rank();
        }

        return new JumpHostList(
            ranked,
            failures,
            best,
            experience.Chosen,
            best is null ? JumpHostAdvice.For(ranked, network, isListed, failures) : null,
            best is null ? JumpHostSelection.RecommendStopped(ranked, experience) : null
        );

        JumpHost[] Rank() =>
            [
                .. nodes
                    .Select(node => JumpHostRanking.Judge(node, network, jumpHostTag, experience))
                    .OrderByDescending(host => JumpHostRanking.Score(host, network))
                    .ThenBy(host => Spread(host.Target), StringComparer.Ordinal),
            ];

        // Systems Manager forgets an instance that has been stopped for long. One without a profile has never been managed.
        async Task<IEnumerable<ManagedNode>> StoppedAsync(string vpc) =>
            (await OrFailureAsync("ec2:DescribeInstances", token => inventory.ListStoppedInstancesAsync(vpc, token)).ConfigureAwait(false))
                .Where(instance => instance.HasProfile && !Array.Exists(nodes, node => node.Target == instance.InstanceId))
                .Select(instance => new ManagedNode(instance.InstanceId, IsOnline: false, null, null, null, instance.PrivateIpAddress)
                {
                    Instance = instance,
                    IsManaged = false,
                });

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

        async Task<Dictionary<string, IReadOnlyList<string>>> PrefixListsAsync(IEnumerable<string> ids)
        {
            var lists = new Dictionary<string, IReadOnlyList<string>>();
            foreach (var id in ids)
            {
                if (
                    await OrFailureAsync("ec2:GetManagedPrefixListEntries", token => inventory.ListPrefixListAsync(id, token))
                        .ConfigureAwait(false) is
                    { Count: > 0 } blocks
                )
                {
                    lists.Add(id, blocks);
                }
            }

            return lists;
        }

        string Spread(string target) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{spreadBy} {target}")));
    }
}
