namespace RdsTunnel.Emulator.World;

// Not init: what a world file leaves out keeps its default then.

/// <summary>What exists in one region of the account: databases and the network around them.</summary>
public sealed record EmulatedRegion(
    string Name, IReadOnlyList<EmulatedDatabase> Databases, IReadOnlyList<EmulatedCluster> Clusters, IReadOnlyList<EmulatedProxy> Proxies,
    IReadOnlyList<EmulatedSecurityGroup> SecurityGroups)
{
    public static EmulatedRegion Empty(string name) => new(name, [], [], [], []);
}

public sealed record EmulatedDatabase(string Identifier, string Engine, string EngineVersion, string Host, int Port, string VpcId, IReadOnlyList<string> SecurityGroupIds)
{
    public string Status { get; set; } = "available";

    public string? Cluster { get; set; }

    public string? DatabaseName { get; set; }

    public bool IamAuthentication { get; set; }

    public string? MasterSecretArn { get; set; }

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();
}

/// <param name="CustomHosts">The endpoints that its owner made.</param>
public sealed record EmulatedCluster(
    string Identifier, string Engine, string EngineVersion, string Host, string? ReaderHost, IReadOnlyList<string> CustomHosts, int Port, IReadOnlyList<string> SecurityGroupIds)
{
    public bool IamAuthentication { get; set; }

    public string? MasterSecretArn { get; set; }

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();
}

public sealed record EmulatedProxy(string Name, string EngineFamily, string Host, string VpcId, IReadOnlyList<string> SecurityGroupIds);

public sealed record EmulatedSecurityGroup(string GroupId, string VpcId, IReadOnlyList<EmulatedIngress> Ingress);

/// <summary>TCP ports that are open to groups, to addresses, or to prefix lists.</summary>
public sealed record EmulatedIngress(int FromPort, int ToPort, IReadOnlyList<string> GroupIds, IReadOnlyList<string> CidrBlocks, IReadOnlyList<string> PrefixListIds);
