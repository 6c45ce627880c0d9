namespace RdsTunnel.Aws.Inventory;

/// <summary>An address of a database: a cluster has several.</summary>
/// <param name="Id">Unique among all addresses: ARN and role.</param>
/// <param name="Name">The identifier that its owner gave it.</param>
/// <param name="Role">What the address leads to.</param>
/// <param name="Engine">As AWS names it: <c>aurora-postgresql</c>, <c>mysql</c>, <c>docdb</c> ….</param>
/// <param name="Host">The address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Profile">Of the scope that found it.</param>
/// <param name="AccountId">12 digits.</param>
/// <param name="Status">As AWS names it: <c>available</c> ….</param>
/// <param name="Cluster">The cluster that it belongs to.</param>
/// <param name="DatabaseName">The one that was created with it.</param>
/// <param name="MasterSecretArn">The secret with the master user's password.</param>
/// <param name="IsPublic">It has a public address.</param>
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
    bool? IsPublic = null
);

public enum DatabaseService
{
    /// <summary>RDS and Aurora.</summary>
    Rds,

    /// <summary>RDS Proxy.</summary>
    RdsProxy,

    /// <summary>Also its elastic clusters.</summary>
    DocumentDb,
    Neptune,

    /// <summary>Valkey, Redis, Memcached.</summary>
    ElastiCache,

    /// <summary>Also Redshift Serverless.</summary>
    Redshift,

    /// <summary>Valkey, Redis.</summary>
    MemoryDb,
    OpenSearch,

    /// <summary>ActiveMQ, RabbitMQ.</summary>
    AmazonMq,

    /// <summary>Kafka.</summary>
    Msk,

    /// <summary>Aurora DSQL.</summary>
    Dsql,

    /// <summary>A server that the Database Migration Service connects to.</summary>
    Dms,
}

/// <summary>What an address leads to.</summary>
public enum DatabaseRole
{
    /// <summary>One instance or node.</summary>
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
