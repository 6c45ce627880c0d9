namespace RdsTunnel.Aws.Inventory;

/// <summary>What one identity sees in one region. Thread-safe.</summary>
/// <remarks>Every failure is an <see cref="AwsException"/>, except cancellation.</remarks>
public interface IInventory
{
    string Region { get; }

    /// <summary>Who AWS takes us for.</summary>
    Task<CallerIdentity> GetIdentityAsync(CancellationToken cancellationToken);

    /// <summary>The calls by which databases are listed. Each can fail on its own.</summary>
    IReadOnlyList<ListingName> DatabaseListings { get; }

    /// <summary>Page by page, as AWS answers.</summary>
    /// <param name="listing">The action of one of <see cref="DatabaseListings"/>.</param>
    IAsyncEnumerable<IReadOnlyList<Database>> ListDatabasesAsync(string listing, CancellationToken cancellationToken);

    /// <summary>The instance that takes the writes of a cluster.</summary>
    /// <param name="host">The cluster's writer endpoint, as AWS named it.</param>
    /// <returns>The instance's identifier; null when there is no such cluster here, or no writer at the moment.</returns>
    Task<string?> FindWriterAsync(string host, CancellationToken cancellationToken);

    /// <summary>What Systems Manager manages; without what EC2 knows of it.</summary>
    Task<IReadOnlyList<ManagedNode>> ListManagedNodesAsync(CancellationToken cancellationToken);

    /// <summary>Services and tasks of ECS that sessions can go to, without what EC2 knows of them.
    /// The answer is kept for a minute.</summary>
    /// <param name="refresh">Ask even for what was answered a moment ago.</param>
    Task<IReadOnlyList<ManagedNode>> ListTasksAsync(bool refresh, CancellationToken cancellationToken);

    /// <summary>A task of a service that takes sessions now, as StartSession wants it.</summary>
    /// <exception cref="AwsException"><see cref="AwsErrorCode.TargetNotConnected"/>: there is none.</exception>
    Task<string> FindTaskAsync(EcsServiceTarget service, CancellationToken cancellationToken);

    Task<IReadOnlyList<NetworkInterface>> ListInterfacesAsync(IReadOnlyList<string> interfaceIds, CancellationToken cancellationToken);

    Task<IReadOnlyList<Ec2Instance>> ListInstancesAsync(IReadOnlyList<string> instanceIds, CancellationToken cancellationToken);

    /// <summary>The instances of a VPC that are stopped.</summary>
    Task<IReadOnlyList<Ec2Instance>> ListStoppedInstancesAsync(string vpcId, CancellationToken cancellationToken);

    Task<IReadOnlyList<SecurityGroup>> ListSecurityGroupsAsync(IReadOnlyList<string> groupIds, CancellationToken cancellationToken);

    /// <summary>The connections between VPCs that are in use; not whether routes lead through them.</summary>
    Task<IReadOnlyList<VpcPeering>> ListPeeringsAsync(CancellationToken cancellationToken);

    /// <summary>All of them, the default one included.</summary>
    Task<IReadOnlyList<Vpc>> ListVpcsAsync(CancellationToken cancellationToken);

    /// <summary>The addresses of a prefix list, as CIDR blocks.</summary>
    Task<IReadOnlyList<string>> ListPrefixListAsync(string prefixListId, CancellationToken cancellationToken);

    /// <summary>The secrets of Secrets Manager, without their values; at most 2,000.</summary>
    Task<IReadOnlyList<SecretName>> ListSecretsAsync(CancellationToken cancellationToken);

    /// <summary>The fields of a secret that follows AWS's conventions for databases.</summary>
    /// <param name="secretId">Its name or ARN.</param>
    Task<DatabaseSecret> ReadSecretAsync(string secretId, CancellationToken cancellationToken);

    /// <summary>A password for IAM database authentication, signed for <see cref="Region"/>.</summary>
    /// <param name="service">RDS, its proxies, DSQL, ElastiCache or MemoryDB.</param>
    /// <param name="host">The name that AWS knows the database by, normalized.</param>
    Task<IamToken> CreateIamTokenAsync(DatabaseService service, string host, int port, string user, CancellationToken cancellationToken);
}

/// <summary>Gives the inventory of an identity and region. Thread-safe.</summary>
public interface IInventories
{
    /// <exception cref="AwsException">No region or no credentials can be found for <paramref name="scope"/>.</exception>
    IInventory InventoryOf(AwsScope scope);

    /// <summary>AWS's time minus this computer's, as the latest answers tell; zero where they do not differ by half a minute.</summary>
    TimeSpan ClockOffset { get; }
}

/// <param name="Action">In IAM's words: <c>rds:DescribeDBClusters</c>.</param>
/// <param name="IsEverywhere">Every region has the service. Another that cannot be reached may not exist there.</param>
public sealed record ListingName(string Action, bool IsEverywhere);

/// <param name="Arn">Names it in every account.</param>
/// <param name="Name">Unique in its account and region.</param>
/// <param name="Description">What its owner wrote about it.</param>
public sealed record SecretName(string Arn, string Name, string? Description = null);

/// <param name="Arn">Of the user, or of the role's session.</param>
public sealed record CallerIdentity(string AccountId, string Arn);

/// <summary>A password that opens connections until it expires. It is left out of <see cref="ToString"/>.</summary>
/// <param name="Token">The password.</param>
/// <param name="ExpiresAt">15 minutes after it was made, or when the credentials end that it was made with.</param>
/// <param name="Host">The name that it is signed for.</param>
/// <param name="Region">The region that it is signed for: the one that the name says.</param>
/// <param name="Hint">Why the database may refuse it, shown to users.</param>
public sealed record IamToken(string Token, DateTimeOffset ExpiresAt, string Host, string Region, string? Hint = null)
{
    public override string ToString() => $"IamToken {{ ExpiresAt = {ExpiresAt}, Host = {Host}, Region = {Region} }}";
}
