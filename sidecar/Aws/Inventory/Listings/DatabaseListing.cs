using RdsTunnel.Aws.Clients;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>A call by which databases are listed, and how its answer is read.</summary>
internal abstract record DatabaseListing(ServiceDescription Service, string Action)
{
    /// <summary>All that can be listed. A service is one file beside this one.</summary>
    public static IReadOnlyList<DatabaseListing> All { get; } =
    [
        .. RdsDatabases.Listings,
        .. RdsEndpoints.Listings,
        .. ElastiCacheDatabases.Listings,
        .. RedshiftDatabases.Listings,
        .. RedshiftServerlessDatabases.Listings,
        .. MemoryDatabases.Listings,
        .. SearchDomains.Listings,
        .. ElasticDocumentDatabases.Listings,
        .. MessageBrokers.Listings,
        .. KafkaClusters.Listings,
        .. MigrationEndpoints.Listings,
    ];

    /// <summary>As IAM calls it.</summary>
    public string Name => $"{Service.SigningName}:{Action}";

    /// <summary>Every region has the service. Where others are not to be reached they may as well not exist.</summary>
    public bool IsEverywhere { get; init; }

    /// <summary>Page by page. A database without a port is left out by whoever asks.</summary>
    public abstract IAsyncEnumerable<IEnumerable<Database>> ReadAsync(ServiceCalls calls, CancellationToken cancellationToken);
}
