using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery;

/// <summary>What is known of the network around a database.</summary>
internal sealed record DatabaseNetwork(int Port, string? VpcId, IReadOnlyList<SecurityGroup> SecurityGroups)
{
    public IReadOnlyList<string> PeeredVpcIds { get; init; } = [];

    /// <summary>The CIDR blocks of those prefix lists that could be looked up.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> PrefixLists { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>By what the database's VPC is known, when it is not listed: its address.</summary>
    public string? FoundBy { get; init; }

    /// <summary>The rules that are about the database's port.</summary>
    public IEnumerable<(string GroupId, IngressRule Rule)> Rules =>
        SecurityGroups.SelectMany(group =>
            group.Ingress.Where(rule => rule.FromPort <= Port && Port <= rule.ToPort).Select(rule => (group.GroupId, rule))
        );

    public IReadOnlyList<string> PeersIn(IReadOnlyList<VpcPeering> peerings) =>
        [
            .. peerings.Where(peering => peering.VpcId == VpcId).Select(peering => peering.PeerVpcId),
            .. peerings.Where(peering => peering.PeerVpcId == VpcId).Select(peering => peering.VpcId),
        ];
}
