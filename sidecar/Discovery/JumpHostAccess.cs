using System.Net;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery;

/// <summary>Whether the database's security groups allow a jump host.</summary>
internal static class JumpHostAccess
{
    public static JumpHostReason Judge(ManagedNode node, DatabaseNetwork database)
    {
        if (node.Instance is not { } instance || database.SecurityGroups.Count == 0)
        {
            return Reason(Verdict.Unknown, "security groups unknown");
        }

        var rules = database.Rules.ToList();
        if (rules.Find(each => each.Rule.GroupIds.Intersect(instance.SecurityGroupIds).Any()) is { GroupId: { } byGroup })
        {
            return Reason(Verdict.For, $"allowed by {byGroup} on port {database.Port}");
        }

        if (rules.Find(each => each.Rule.CidrBlocks.Any(block => Contains(block, instance.PrivateIpAddress))) is { GroupId: { } byAddress })
        {
            return ByAddress(instance, database, $"allowed by {byAddress} on port {database.Port}, by its address");
        }

        if (
            rules.Find(each =>
                each.Rule.PrefixListIds.SelectMany(id => database.PrefixLists.GetValueOrDefault(id, []))
                    .Any(block => Contains(block, instance.PrivateIpAddress))
            ) is
            { GroupId: { } byList }
        )
        {
            return ByAddress(instance, database, $"allowed by {byList} on port {database.Port}, by a prefix list");
        }

        return rules.Exists(each => each.Rule.PrefixListIds.Any(id => !database.PrefixLists.ContainsKey(id)))
            ? Reason(Verdict.Unknown, "can't tell whether a prefix list allows it")
            : Reason(
                Verdict.Against,
                $"not allowed by the database's security groups ({string.Join(", ", database.SecurityGroups.Select(group => group.GroupId))}) on port {database.Port}"
            );
    }

    // Addresses repeat from VPC to VPC: a block of them means those of the VPCs that are connected.
    private static JumpHostReason ByAddress(Ec2Instance instance, DatabaseNetwork database, string message) =>
        instance.VpcId == database.VpcId || (instance.VpcId is { } vpc && database.PeeredVpcIds.Contains(vpc))
            ? Reason(Verdict.For, message)
            : Reason(Verdict.Unknown, $"{message}, if its VPC can reach the database");

    private static JumpHostReason Reason(Verdict verdict, string message) => new(JumpHostCriterion.SecurityGroups, verdict, message);

    private static bool Contains(string block, string? address) =>
        IPNetwork.TryParse(block, out var network) && IPAddress.TryParse(address, out var ip) && network.Contains(ip);
}
