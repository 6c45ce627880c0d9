using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsRest;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The calls of MSK by which brokers are listed: all clusters, then the brokers of one a call.</summary>
internal sealed class KafkaService(Func<string, EmulatedRegion> regions) : IRestService
{
    public string SigningName => "kafka";

    public (string Operation, string Subject)? Route(string method, IReadOnlyList<string> path) =>
        (method, path) switch
        {
            ("GET", ["api", "v2", "clusters"]) => ("ListClustersV2", ""),
            ("GET", ["v1", "clusters", var arn, "bootstrap-brokers"]) => ("GetBootstrapBrokers", arn),
            _ => null,
        };

    public JsonObject Call(string operation, string subject, RestInput input, string region)
    {
        var clusters = regions(region).KafkaClusters;
        if (operation == "ListClustersV2")
        {
            return Of(
                clusters.Select(cluster => Cluster(cluster, region)),
                "clusterInfoList",
                input.Number("maxResults"),
                input["nextToken"],
                "nextToken"
            );
        }

        var wanted =
            clusters.FirstOrDefault(cluster => Arn(cluster, region) == subject)
            ?? throw new ServiceException("NotFoundException", "The requested resource doesn't exist.", StatusCodes.Status404NotFound);
        return wanted.State == "ACTIVE"
            ? new JsonObject(wanted.Brokers.Select(broker => KeyValuePair.Create(broker.Key, (JsonNode?)JsonValue.Create(broker.Value))))
            : throw new ServiceException("ConflictException", $"The cluster is in {wanted.State} state.", StatusCodes.Status409Conflict);
    }

    private static string Arn(EmulatedKafkaCluster cluster, string region) =>
        $"arn:aws:kafka:{region}:{Account}:cluster/{cluster.Name}/86b5169f-01dc-4a6f-9fbb-e2e24359e9a8-1";

    private static JsonObject Cluster(EmulatedKafkaCluster cluster, string region)
    {
        var answer = new JsonObject
        {
            ["clusterArn"] = Arn(cluster, region),
            ["clusterName"] = cluster.Name,
            ["clusterType"] = cluster.IsServerless ? "SERVERLESS" : "PROVISIONED",
            ["state"] = cluster.State,
        };
        if (cluster.IsServerless)
        {
            answer["serverless"] = new JsonObject
            {
                ["vpcConfigs"] = new JsonArray(
                    new JsonObject { ["subnetIds"] = Texts(["subnet-0a"]), ["securityGroupIds"] = Texts(cluster.SecurityGroupIds) }
                ),
            };
            return answer;
        }

        answer["provisioned"] = new JsonObject
        {
            ["brokerNodeGroupInfo"] = new JsonObject
            {
                ["clientSubnets"] = Texts(["subnet-0a"]),
                ["instanceType"] = "kafka.m7g.large",
                ["securityGroups"] = Texts(cluster.SecurityGroupIds),
            },
            ["currentBrokerSoftwareInfo"] = new JsonObject { ["kafkaVersion"] = "3.9.x" },
            ["numberOfBrokerNodes"] = 2,
        };
        return answer;
    }
}
