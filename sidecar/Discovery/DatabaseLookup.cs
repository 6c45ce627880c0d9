using System.Net;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Discovery.Names;

namespace RdsTunnel.Discovery;

/// <summary>What AWS and DNS tell of a host: which database it is, or else in which VPC.</summary>
internal sealed class DatabaseLookup(IDatabaseFinder databases, IHostNames names)
{
    /// <returns>With VPC and security groups, as far as they are known; and the address that told the VPC.</returns>
    public async Task<(DatabaseAddress Database, bool IsListed, string? FoundBy)> FindAsync(
        AwsScope scope,
        IInventory inventory,
        DatabaseAddress wanted,
        bool refresh,
        ICollection<DiscoveryFailure> failures,
        CancellationToken cancellationToken
    )
    {
        if (JumpHostTarget.IsOne(wanted.Host))
        {
            return (wanted, false, null); // a port of the jump host itself
        }

        var listed = new Dictionary<string, Database>();
        await foreach (var batch in databases.FindAsync([scope], refresh, cancellationToken).ConfigureAwait(false))
        {
            if (batch.Failure is { } failure)
            {
                failures.Add(failure);
            }

            foreach (var database in batch.Databases)
            {
                listed.TryAdd(HostName.Normalize(database.Host), database);
            }

            if (listed.TryGetValue(HostName.Normalize(wanted.Host), out var found) && IsPlaced(found))
            {
                return (Placed(wanted, found), true, null);
            }
        }

        if (Placing(listed.GetValueOrDefault(HostName.Normalize(wanted.Host)), listed.Values) is { } regional)
        {
            return (Placed(wanted, regional), true, null);
        }

        var resolved = await names.ResolveAsync(wanted.Host, cancellationToken).ConfigureAwait(false);
        var alias = resolved.Names.Select(name => listed.GetValueOrDefault(name)).FirstOrDefault(database => database is not null);
        if (Placing(alias, listed.Values) is { } placing)
        {
            return (Placed(wanted, placing), true, null);
        }

        var (vpcId, address) = await ByAddressAsync(inventory, resolved.Addresses, failures, scope, cancellationToken)
            .ConfigureAwait(false);
        return (
            wanted with
            {
                VpcId = wanted.VpcId ?? vpcId,
                SecurityGroupIds = wanted.SecurityGroupIds ?? [],
            },
            alias is not null,
            wanted.VpcId is null ? address : null
        );
    }

    // A global cluster has no network of its own; the regional cluster behind its writer's name has.
    private static Database? Placing(Database? found, IEnumerable<Database> listed) =>
        found is null || IsPlaced(found) ? found
        : found.Cluster is null ? null
        : listed.FirstOrDefault(database =>
            IsPlaced(database) && database.Cluster == found.Cluster && database.Region == found.Region && database.Service == found.Service
        );

    private static bool IsPlaced(Database database) => database.VpcId is not null || database.SecurityGroupIds.Count > 0;

    private static DatabaseAddress Placed(DatabaseAddress wanted, Database found) =>
        wanted with
        {
            VpcId = wanted.VpcId ?? found.VpcId,
            SecurityGroupIds = wanted.SecurityGroupIds ?? found.SecurityGroupIds,
        };

    // Only where one VPC alone has the address: the usual ranges are everybody's.
    private static async Task<(string? VpcId, string? Address)> ByAddressAsync(
        IInventory inventory,
        IReadOnlyList<IPAddress> addresses,
        ICollection<DiscoveryFailure> failures,
        AwsScope scope,
        CancellationToken cancellationToken
    )
    {
        if (!addresses.Any(IsOfANetwork))
        {
            return (null, null);
        }

        try
        {
            var vpcs = await inventory.ListVpcsAsync(cancellationToken).ConfigureAwait(false);
            foreach (var address in addresses.Where(IsOfANetwork))
            {
                if (
                    vpcs.Where(vpc => vpc.CidrBlocks.Any(block => IPNetwork.TryParse(block, out var network) && network.Contains(address)))
                        .ToList()
                    is [var only]
                )
                {
                    return (only.VpcId, address.ToString());
                }
            }
        }
        catch (AwsException e)
        {
            failures.Add(new DiscoveryFailure("ec2:DescribeVpcs", e.Code, e.Message, scope.Profile, inventory.Region));
        }

        return (null, null);
    }

    private static bool IsOfANetwork(IPAddress address) =>
        !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any);
}
