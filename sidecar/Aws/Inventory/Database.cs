namespace RdsTunnel.Aws.Inventory;

/// <summary>An address of a database: a cluster has several.</summary>
/// <param name="Id">Unique among all addresses: ARN and role.</param>
/// <param name="Name">The identifier that its owner gave it.</param>
/// <param name="Engine">As AWS names it: <c>aurora-postgresql</c>, <c>mysql</c>, <c>docdb</c> …</param>
/// <param name="Cluster">The identifier of the cluster that it belongs to or is.</param>
/// <param name="Status">As AWS names it: <c>available</c>, <c>stopped</c> …</param>
/// <param name="SupportsIamAuthentication">Null when AWS does not say.</param>
/// <param name="MasterSecretArn">The secret with the master user's password, when Secrets Manager keeps it.</param>
/// <param name="IsPublic">It has a public address; null when AWS does not say.</param>
public sealed record Database(
    string Id,
    string Name,
    DatabaseService Service,
    DatabaseRole Role,
    string Engine,
    string Host,
    int Port,
    string Region,
    IReadOnlyList<string> SecurityGroupIds,
    IReadOnlyList<string> SubnetIds,
    IReadOnlyList<Tag> Tags,
    string? Profile = null,
    string? AccountId = null,
    string? EngineVersion = null,
    string? Status = null,
    string? Cluster = null,
    string? VpcId = null,
    string? DatabaseName = null,
    string? MasterUserName = null,
    string? MasterSecretArn = null,
    bool? SupportsIamAuthentication = null,
    bool? IsPublic = null);

public enum DatabaseService
{
    Rds,
    RdsProxy,
    DocumentDb,
    Neptune,
    ElastiCache,
    Redshift,
    MemoryDb,
    OpenSearch,
    AmazonMq,
    Msk,
    Dsql,
    Dms,
}

/// <summary>What an address leads to.</summary>
public enum DatabaseRole
{
    /// <summary>One instance.</summary>
    Instance,
    /// <summary>The instance of a cluster that takes writes.</summary>
    Writer,
    /// <summary>Any of a cluster's replicas.</summary>
    Reader,
    /// <summary>A custom endpoint of a cluster.</summary>
    Custom,
    /// <summary>A proxy's endpoint.</summary>
    Proxy,
    /// <summary>Where a client asks for the addresses of a cluster's nodes, which it then connects to itself.</summary>
    Configuration,
}

public sealed record Tag(string Key, string Value);
