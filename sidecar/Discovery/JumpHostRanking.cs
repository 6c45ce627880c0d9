using System.Net;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery;

/// <summary>Judges a managed instance as the way to a database.</summary>
internal static class JumpHostRanking
{
    /// <summary>The first agent with the document for remote hosts, as AWS's documentation of Session Manager says.</summary>
    private static readonly Version ForwardsToHostsSince = new(3, 1, 1374, 0);

    public static JumpHost Judge(ManagedNode node, DatabaseNetwork database, string jumpHostTag)
    {
        JumpHostReason[] reasons = [Online(node), Agent(node), Network(node, database), Groups(node, database), .. Tagged(node, jumpHostTag)];
        return new JumpHost(
            node.Target,
            IsUsable: Array.TrueForAll(reasons, reason => reason.Verdict != Verdict.Against),
            node.IsOnline,
            [.. reasons.OrderBy(reason => reason.Verdict == Verdict.Against ? 0 : 1)],
            node.Instance?.Tags ?? [],
            node.Instance?.Tags.FirstOrDefault(tag => tag.Key == "Name")?.Value ?? node.Name,
            node.AgentVersion, node.Platform, node.Instance?.VpcId, node.Instance?.PrivateIpAddress ?? node.IPAddress);
    }

    /// <summary>The higher the better: usable before not, then the team's choice, then what is known to lead there.</summary>
    public static int Score(JumpHost host, DatabaseNetwork database) => (host.IsUsable ? 1000 : 0)
        + (host.VpcId is not null && host.VpcId == database.VpcId ? 5 : 0)
        + host.Reasons.Sum(reason => (reason.Verdict, reason.Criterion) switch
        {
            (Verdict.For, JumpHostCriterion.Tag) => 100,
            (Verdict.For, JumpHostCriterion.SecurityGroups) => 20,
            (Verdict.For, _) => 10,
            (Verdict.Against, _) => -50,
            _ => 0,
        });

    private static JumpHostReason Online(ManagedNode node) => node.IsOnline
        ? new(JumpHostCriterion.Online, Verdict.For, "its agent is online")
        : new(JumpHostCriterion.Online, Verdict.Against, "its agent is offline: the instance is stopped, or cannot reach Systems Manager");

    private static JumpHostReason Agent(ManagedNode node) => !Version.TryParse(node.AgentVersion, out var version)
        ? new(JumpHostCriterion.AgentVersion, Verdict.Unknown, "its agent's version is not known")
        : version >= ForwardsToHostsSince
            ? new(JumpHostCriterion.AgentVersion, Verdict.For, $"its agent {version} forwards to other hosts")
            : new(JumpHostCriterion.AgentVersion, Verdict.Against, $"its agent {version} is too old to forward to other hosts: {ForwardsToHostsSince} is needed");

    // Another VPC may be connected by other means than peering, a transit gateway say. Routes are not looked at.
    private static JumpHostReason Network(ManagedNode node, DatabaseNetwork database) => (node.Instance?.VpcId, database.VpcId) switch
    {
        (null, _) => new(JumpHostCriterion.Network, Verdict.Unknown, "its VPC is not known"),
        (_, null) => new(JumpHostCriterion.Network, Verdict.Unknown, "the database's VPC is not known"),
        var (mine, theirs) when mine == theirs => new(JumpHostCriterion.Network, Verdict.For, "it is in the database's VPC"),
        var (mine, theirs) when database.PeeredVpcIds.Contains(mine) => new(JumpHostCriterion.Network, Verdict.For, $"its VPC {mine} is peered with the database's, {theirs}"),
        var (mine, theirs) => new(JumpHostCriterion.Network, Verdict.Unknown, $"it is in {mine}, the database in {theirs}: they would have to be connected"),
    };

    private static JumpHostReason Groups(ManagedNode node, DatabaseNetwork database)
    {
        if (node.Instance is not { } instance || database.SecurityGroups.Count == 0)
        {
            return new(JumpHostCriterion.SecurityGroups, Verdict.Unknown, "the security groups are not known");
        }

        var rules = database.Rules.ToList();
        if (rules.Find(each => each.Rule.GroupIds.Intersect(instance.SecurityGroupIds).Any()) is { GroupId: { } byGroup })
        {
            return new(JumpHostCriterion.SecurityGroups, Verdict.For, $"{byGroup} lets its security group in on port {database.Port}");
        }

        if (rules.Find(each => each.Rule.CidrBlocks.Any(block => Contains(block, instance.PrivateIpAddress))) is { GroupId: { } byAddress })
        {
            return new(JumpHostCriterion.SecurityGroups, Verdict.For, $"{byAddress} lets its address in on port {database.Port}");
        }

        if (rules.Find(each => each.Rule.PrefixListIds.SelectMany(id => database.PrefixLists.GetValueOrDefault(id, [])).Any(block => Contains(block, instance.PrivateIpAddress)))
            is { GroupId: { } byList })
        {
            return new(JumpHostCriterion.SecurityGroups, Verdict.For, $"{byList} lets its address in on port {database.Port}, by a prefix list");
        }

        return rules.Exists(each => each.Rule.PrefixListIds.Any(id => !database.PrefixLists.ContainsKey(id)))
            ? new(JumpHostCriterion.SecurityGroups, Verdict.Unknown, "whether the prefix lists of the database's security groups hold its address is not known")
            : new(JumpHostCriterion.SecurityGroups, Verdict.Against,
                $"none of the database's security groups ({string.Join(", ", database.SecurityGroups.Select(group => group.GroupId))}) lets it in on port {database.Port}");
    }

    private static IEnumerable<JumpHostReason> Tagged(ManagedNode node, string tag) => node.Instance?.Tags.Any(each => each.Key == tag) == true
        ? [new(JumpHostCriterion.Tag, Verdict.For, $"your team has chosen it (tag {tag})")]
        : [];

    private static bool Contains(string block, string? address) =>
        IPNetwork.TryParse(block, out var network) && IPAddress.TryParse(address, out var ip) && network.Contains(ip);
}
