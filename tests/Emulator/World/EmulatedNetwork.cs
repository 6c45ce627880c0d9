using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.Emulator.World;

/// <summary>What leads where in the emulated account: a jump host reaches a database whose security
/// groups allow it, in its own VPC or a peered one.
/// What the account does not know (an address of the test's own machine, say) is reached from everywhere.</summary>
/// <param name="aliases">CNAME records, of public and private zones alike.</param>
/// <param name="isEnforced">False: everything is reached, as if there were other ways.</param>
internal sealed class EmulatedNetwork(IReadOnlyList<EmulatedRegion> regions, IReadOnlyDictionary<string, string> aliases, bool isEnforced)
{
    private const int MaxAliases = 8;

    private readonly Dictionary<string, string> _aliases = aliases.ToDictionary(each => Normalize(each.Key), each => Normalize(each.Value));

    /// <summary>The name at the end of a chain of aliases.</summary>
    public string Follow(string host)
    {
        var name = Normalize(host);
        for (var i = 0; i < MaxAliases && _aliases.TryGetValue(name, out var next); i++)
        {
            name = next;
        }

        return Writer(name) ?? name;
    }

    private string? Writer(string host) =>
        (
            from region in regions
            from cluster in region.Clusters
            where cluster.Members.Count > 0 && Normalize(cluster.Host) == host
            from database in region.Databases
            where database.Identifier == cluster.Members[0]
            select Normalize(database.Host)
        ).FirstOrDefault();

    /// <exception cref="SocketException">No packet gets through. (A real agent notices after two minutes.)</exception>
    public void ThrowIfBlocked(EmulatedInstance instance, string host, int port)
    {
        var name = Follow(host);
        foreach (var region in isEnforced ? regions : [])
        {
            if (instance.IsIn(region.Name) && !IsOpen(instance, name, port, region))
            {
                throw new SocketException((int)SocketError.TimedOut);
            }
        }
    }

    private static bool IsOpen(EmulatedInstance instance, string name, int port, EmulatedRegion region)
    {
        if (IPAddress.TryParse(name, out var address))
        {
            var vpcs = region.Vpcs.Where(vpc => vpc.CidrBlocks.Any(block => IPNetwork.Parse(block).Contains(address))).ToList();
            return vpcs.Count == 0 || vpcs.Exists(vpc => IsConnected(instance, vpc.VpcId, region));
        }

        if (
            Groups(name, region) is not { } ids
            || region.SecurityGroups.Where(group => ids.Contains(group.GroupId)).ToList() is not { Count: > 0 } groups
        )
        {
            return true;
        }

        return groups.Exists(group =>
            IsConnected(instance, group.VpcId, region)
            && group.Ingress.Any(rule => rule.FromPort <= port && port <= rule.ToPort && Allows(rule, instance, region))
        );
    }

    private static bool Allows(EmulatedIngress rule, EmulatedInstance instance, EmulatedRegion region) =>
        rule.GroupIds.Intersect(instance.SecurityGroupIds).Any()
        || rule.CidrBlocks.Concat(rule.PrefixListIds.SelectMany(id => region.PrefixLists.GetValueOrDefault(id, [])))
            .Any(block => IPNetwork.TryParse(block, out var network) && network.Contains(IPAddress.Parse(instance.IPAddress)));

    private static bool IsConnected(EmulatedInstance instance, string vpcId, EmulatedRegion region) =>
        instance.VpcId is { } own
        && (
            own == vpcId
            || region.Peerings.Any(peering =>
                peering.Status == "active"
                && (
                    (peering.RequesterVpcId, peering.AccepterVpcId) == (own, vpcId)
                    || (peering.RequesterVpcId, peering.AccepterVpcId) == (vpcId, own)
                )
            )
        );

    private static IReadOnlyList<string>? Groups(string name, EmulatedRegion region) =>
        region
            .Databases.Where(each => Normalize(each.Host) == name)
            .Select(each => each.SecurityGroupIds)
            .Concat(
                region
                    .Clusters.Where(each =>
                        each.CustomHosts.Append(each.Host).Append(each.ReaderHost ?? "").Any(host => Normalize(host) == name)
                    )
                    .Select(each => each.SecurityGroupIds)
            )
            .Concat(region.Proxies.Where(each => Normalize(each.Host) == name).Select(each => each.SecurityGroupIds))
            .Concat(region.CacheClusters.Where(each => Normalize(each.Host) == name).Select(each => each.SecurityGroupIds))
            .Concat(region.ServerlessCaches.Where(each => Normalize(each.Host) == name).Select(each => each.SecurityGroupIds))
            .Concat(region.Warehouses.Where(each => Normalize(each.Host) == name).Select(each => each.SecurityGroupIds))
            .FirstOrDefault();

    private static string Normalize(string host) => host.TrimEnd('.').ToLowerInvariant();
}
