using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Clusters of MemoryDB, each of which has one address that tells those of its nodes.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/memorydb/latest/APIReference/API_DescribeClusters.html"/></remarks>
internal static class MemoryDatabases
{
    private static readonly ServiceDescription Service = new("MemoryDB", "memory-db", "memorydb", "2021-01-01", "AmazonMemoryDB");

    public static IEnumerable<DatabaseListing> Listings =>
        [
            new DocumentListing(
                Service,
                new("DescribeClusters") { Parameters = [("MaxResults", JsonValue.Create(100))] },
                "Clusters",
                "NextToken",
                Cluster
            ),
        ];

    private static IEnumerable<Database> Cluster(JsonElement cluster, string region)
    {
        var (arn, name) = (Text(cluster, "ARN") ?? "", Text(cluster, "Name") ?? "");
        return Text(cluster, "ClusterEndpoint", "Address") is not { } host
            ? []
            :
            [
                new Database(
                    arn,
                    name,
                    DatabaseService.MemoryDb,
                    DatabaseRole.Configuration,
                    Text(cluster, "Engine") ?? "redis",
                    host,
                    Port(cluster, "ClusterEndpoint", "Port") ?? 0,
                    region,
                    [.. Items(cluster, "SecurityGroups").Select(group => Text(group, "SecurityGroupId")).OfType<string>()],
                    [],
                    [],
                    AccountId: XmlAnswer.AccountOf(arn),
                    EngineVersion: Text(cluster, "EngineVersion"),
                    Status: Text(cluster, "Status"),
                    Cluster: name,
                    IsPublic: false
                ),
            ];
    }
}
