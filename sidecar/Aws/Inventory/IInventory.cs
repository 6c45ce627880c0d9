namespace RdsTunnel.Aws.Inventory;

/// <summary>What one identity sees in one region. Thread-safe.</summary>
/// <remarks>Every failure is an <see cref="AwsException"/>, except cancellation.</remarks>
public interface IInventory
{
    string Region { get; }

    /// <summary>The calls by which databases are listed, in IAM's words: <c>rds:DescribeDBClusters</c>. Each can fail on its own.</summary>
    IReadOnlyList<string> DatabaseListings { get; }

    /// <summary>Page by page, as AWS answers.</summary>
    /// <param name="listing">One of <see cref="DatabaseListings"/>.</param>
    IAsyncEnumerable<IReadOnlyList<Database>> ListDatabasesAsync(string listing, CancellationToken cancellationToken);

    /// <summary>What Systems Manager manages; without what EC2 knows of it.</summary>
    Task<IReadOnlyList<ManagedNode>> ListManagedNodesAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<Ec2Instance>> ListInstancesAsync(IReadOnlyList<string> instanceIds, CancellationToken cancellationToken);

    Task<IReadOnlyList<SecurityGroup>> ListSecurityGroupsAsync(IReadOnlyList<string> groupIds, CancellationToken cancellationToken);

    /// <summary>A password for IAM database authentication, signed for the database's real address.</summary>
    Task<IamToken> CreateIamTokenAsync(string host, int port, string user, CancellationToken cancellationToken);
}

/// <summary>Gives the inventory of an identity and region. Thread-safe.</summary>
public interface IInventories
{
    /// <exception cref="AwsException">No region or no credentials can be found for <paramref name="scope"/>.</exception>
    IInventory InventoryOf(AwsScope scope);
}

/// <summary>A password that opens connections until it expires. It is left out of <see cref="ToString"/>.</summary>
public sealed record IamToken(string Token, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"IamToken {{ ExpiresAt = {ExpiresAt} }}";
}
