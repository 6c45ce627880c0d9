namespace RdsTunnel.Emulator.World;

// Not init: what a world file leaves out keeps its default then.

/// <summary>What exists in one region of the account: databases and the network around them.</summary>
public sealed record EmulatedRegion(
    string Name,
    IReadOnlyList<EmulatedDatabase> Databases,
    IReadOnlyList<EmulatedCluster> Clusters,
    IReadOnlyList<EmulatedProxy> Proxies,
    IReadOnlyList<EmulatedSecurityGroup> SecurityGroups
)
{
    public IReadOnlyList<EmulatedCacheGroup> CacheGroups { get; set; } = [];

    public IReadOnlyList<EmulatedCacheCluster> CacheClusters { get; set; } = [];

    public IReadOnlyList<EmulatedServerlessCache> ServerlessCaches { get; set; } = [];

    public IReadOnlyList<EmulatedWarehouse> Warehouses { get; set; } = [];

    public IReadOnlyList<EmulatedGlobalCluster> GlobalClusters { get; set; } = [];

    public IReadOnlyList<EmulatedProxyEndpoint> ProxyEndpoints { get; set; } = [];

    public IReadOnlyList<EmulatedWorkgroup> Workgroups { get; set; } = [];

    public IReadOnlyList<EmulatedMemoryCluster> MemoryClusters { get; set; } = [];

    public IReadOnlyList<EmulatedSearchDomain> SearchDomains { get; set; } = [];

    public IReadOnlyList<EmulatedElasticCluster> ElasticClusters { get; set; } = [];

    public IReadOnlyList<EmulatedBroker> Brokers { get; set; } = [];

    public IReadOnlyList<EmulatedKafkaCluster> KafkaClusters { get; set; } = [];

    public IReadOnlyList<EmulatedMigrationEndpoint> MigrationEndpoints { get; set; } = [];

    public IReadOnlyList<EmulatedPeering> Peerings { get; set; } = [];

    public IReadOnlyList<EmulatedVpc> Vpcs { get; set; } = [];

    /// <summary>CIDR blocks by a list's id.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> PrefixLists { get; set; } = new Dictionary<string, IReadOnlyList<string>>();

    public IReadOnlyList<EmulatedSecret> Secrets { get; set; } = [];

    public static EmulatedRegion Empty(string name) => new(name, [], [], [], []);
}

public sealed record EmulatedDatabase(
    string Identifier,
    string Engine,
    string EngineVersion,
    string Host,
    int Port,
    string VpcId,
    IReadOnlyList<string> SecurityGroupIds
)
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
    string Identifier,
    string Engine,
    string EngineVersion,
    string Host,
    string? ReaderHost,
    IReadOnlyList<string> CustomHosts,
    int Port,
    IReadOnlyList<string> SecurityGroupIds
)
{
    /// <summary>Its instances, the writer first. Agents find the writer at the cluster's host.</summary>
    public IReadOnlyList<string> Members { get; set; } = [];

    public bool IamAuthentication { get; set; }

    public string? MasterSecretArn { get; set; }

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();
}

public sealed record EmulatedProxy(string Name, string EngineFamily, string Host, string VpcId, IReadOnlyList<string> SecurityGroupIds);

public sealed record EmulatedSecurityGroup(string GroupId, string VpcId, IReadOnlyList<EmulatedIngress> Ingress);

/// <summary>TCP ports that are open to groups, to addresses, or to prefix lists.</summary>
public sealed record EmulatedIngress(
    int FromPort,
    int ToPort,
    IReadOnlyList<string> GroupIds,
    IReadOnlyList<string> CidrBlocks,
    IReadOnlyList<string> PrefixListIds
);

/// <summary>A group of ElastiCache with replicas: with shards it has a configuration host, without
/// one a primary and perhaps a reader.</summary>
public sealed record EmulatedCacheGroup(string Identifier, string Engine, int Port)
{
    public string? ConfigurationHost { get; set; }

    public string? PrimaryHost { get; set; }

    public string? ReaderHost { get; set; }
}

/// <summary>A cluster of ElastiCache without replicas.</summary>
public sealed record EmulatedCacheCluster(
    string Identifier,
    string Engine,
    string EngineVersion,
    string Host,
    int Port,
    IReadOnlyList<string> SecurityGroupIds
);

public sealed record EmulatedServerlessCache(string Name, string Engine, string Host, int Port, IReadOnlyList<string> SecurityGroupIds);

/// <summary>A cluster of Redshift.</summary>
public sealed record EmulatedWarehouse(
    string Identifier,
    string Host,
    int Port,
    string DatabaseName,
    string VpcId,
    IReadOnlyList<string> SecurityGroupIds
);

public sealed record EmulatedVpc(string VpcId, IReadOnlyList<string> CidrBlocks);

public sealed record EmulatedPeering(string RequesterVpcId, string AccepterVpcId)
{
    public string Status { get; set; } = "active";
}

/// <param name="Value">What is told to whoever may read it.</param>
public sealed record EmulatedSecret(string Arn, string Name, string Value);
