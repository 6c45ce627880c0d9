using RdsTunnel.Aws;

namespace RdsTunnel.Discovery;

/// <summary>Lists what can be tunnelled to. Thread-safe. Answers are kept for a short time.</summary>
public interface IDatabaseFinder
{
    /// <summary>All databases of some identities and regions, searched side by side, in the order in which AWS answers. What cannot be searched is a
    /// failure among the results, never an exception.</summary>
    /// <param name="refresh">Ask AWS even for what was answered a moment ago.</param>
    IAsyncEnumerable<DatabaseBatch> FindAsync(IReadOnlyList<AwsScope> scopes, bool refresh, CancellationToken cancellationToken);
}

/// <summary>One page of an answer, or one failure.</summary>
public sealed record DatabaseBatch(IReadOnlyList<Database> Databases, DiscoveryFailure? Failure = null);

/// <summary>An address of a database: a cluster has several.</summary>
/// <param name="Id">Its ARN, else its address; unique with its role among all that are listed.</param>
/// <param name="Name">The identifier that its owner gave it.</param>
/// <param name="Engine">As AWS names it: <c>aurora-postgresql</c>, <c>mysql</c>, <c>docdb</c>, <c>redis</c>, <c>redshift</c> …</param>
/// <param name="Cluster">The identifier of the cluster that it belongs to or is.</param>
/// <param name="Status">As AWS names it: <c>available</c>, <c>stopped</c> …</param>
/// <param name="SupportsIamAuthentication">Left out when AWS does not say.</param>
/// <param name="MasterSecretArn">The secret with the master user's password, when Secrets Manager keeps it.</param>
/// <param name="IsPublic">It has a public address; left out when AWS does not say.</param>
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
    /// <summary>A cluster that clients find their way around in by themselves (ElastiCache with cluster mode, serverless).</summary>
    Configuration,
}

public sealed record Tag(string Key, string Value);

/// <summary>What could not be listed, beside what could.</summary>
/// <param name="Service">As IAM calls it: <c>rds</c>, <c>ec2</c> …</param>
/// <param name="MissingAction">The permission that would help: <c>rds:DescribeDBInstances</c>.</param>
public sealed record DiscoveryFailure(
    string Service, AwsErrorCode Code, string Message, string? Profile = null, string? Region = null, string? MissingAction = null);
