using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsRest;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The calls of DocumentDB by which elastic clusters are listed: all names, then a cluster a call.</summary>
internal sealed class ElasticDocumentService(Func<string, EmulatedRegion> regions) : IRestService
{
    public string SigningName => "docdb-elastic";

    public (string Operation, string Subject)? Route(string method, IReadOnlyList<string> path) =>
        (method, path) switch
        {
            ("GET", ["clusters"]) => ("ListClusters", ""),
            ("GET", ["cluster", var arn]) => ("GetCluster", arn),
            _ => null,
        };

    public JsonObject Call(string operation, string subject, RestInput input, string region)
    {
        var clusters = regions(region).ElasticClusters;
        return operation == "ListClusters"
            ? Of(
                clusters.Select(cluster => new JsonObject
                {
                    ["clusterArn"] = Arn(cluster, region),
                    ["clusterName"] = cluster.Name,
                    ["status"] = "ACTIVE",
                }),
                "clusters",
                input.Number("maxResults"),
                input["nextToken"],
                "nextToken"
            )
            : new JsonObject
            {
                ["cluster"] = Cluster(
                    clusters.FirstOrDefault(cluster => Arn(cluster, region) == subject)
                        ?? throw new ServiceException("ResourceNotFoundException", "Cluster not found.", StatusCodes.Status404NotFound),
                    region
                ),
            };
    }

    private static string Arn(EmulatedElasticCluster cluster, string region) =>
        $"arn:aws:docdb-elastic:{region}:{Account}:cluster/{cluster.Name}";

    private static JsonObject Cluster(EmulatedElasticCluster cluster, string region) =>
        new()
        {
            ["adminUserName"] = "admin",
            ["authType"] = "PLAIN_TEXT",
            ["clusterArn"] = Arn(cluster, region),
            ["clusterEndpoint"] = cluster.Host,
            ["clusterName"] = cluster.Name,
            ["createTime"] = "2026-01-01T00:00:00.000Z",
            ["kmsKeyId"] = "AWS_OWNED_KMS_KEY",
            ["preferredMaintenanceWindow"] = "tue:05:51-tue:06:21",
            ["shardCapacity"] = 2,
            ["shardCount"] = 1,
            ["status"] = "ACTIVE",
            ["subnetIds"] = Texts(["subnet-0a"]),
            ["vpcSecurityGroupIds"] = Texts(cluster.SecurityGroupIds),
        };
}
