using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Elastic clusters of DocumentDB.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/documentdb/latest/developerguide/API_elastic_GetCluster.html"/></remarks>
internal static class ElasticDocumentDatabases
{
    private const int MongoPort = 27017; // the answer does not say it, and it cannot be chosen

    private static readonly ServiceDescription Service = new("DocDB Elastic", "docdb-elastic", "docdb-elastic", "2022-11-28", "");

    public static IEnumerable<DatabaseListing> Listings =>
        [
            new DetailedListing(
                Service,
                new("ListClusters") { Path = "/clusters", Parameters = [("maxResults", JsonValue.Create(100))] },
                "clusters",
                "nextToken",
                clusters =>
                    clusters
                        .Where(cluster => Text(cluster, "clusterArn") is not null)
                        .Select(cluster =>
                            (
                                new DocumentCall("GetCluster") { Path = "/cluster/{clusterArn}", PathValue = Text(cluster, "clusterArn") },
                                cluster
                            )
                        ),
                Cluster
            ),
        ];

    private static IEnumerable<Database> Cluster(JsonElement answer, JsonElement item, string region)
    {
        var arn = Text(answer, "cluster", "clusterArn") ?? "";
        var name = Text(answer, "cluster", "clusterName") ?? "";
        return Text(answer, "cluster", "clusterEndpoint") is not { } host
            ? []
            :
            [
                new Database(
                    arn,
                    name,
                    DatabaseService.DocumentDb,
                    DatabaseRole.Writer,
                    "docdb-elastic",
                    host,
                    MongoPort,
                    region,
                    Texts(answer, "cluster", "vpcSecurityGroupIds"),
                    Texts(answer, "cluster", "subnetIds"),
                    [],
                    AccountId: XmlAnswer.AccountOf(arn),
                    Status: Text(answer, "cluster", "status")?.ToLowerInvariant(),
                    Cluster: name,
                    MasterUserName: Text(answer, "cluster", "adminUserName"),
                    IsPublic: false
                ),
            ];
    }
}
