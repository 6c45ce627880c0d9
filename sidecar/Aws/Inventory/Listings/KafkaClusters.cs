using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>The brokers of MSK's clusters that a client begins with, those without a public address.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/msk/1.0/apireference/clusters-clusterarn-bootstrap-brokers.html"/></remarks>
internal static class KafkaClusters
{
    private static readonly string[] BrokerLists =
    [
        "bootstrapBrokerStringSaslIam",
        "bootstrapBrokerStringTls",
        "bootstrapBrokerStringSaslScram",
        "bootstrapBrokerString",
    ];

    private static readonly ServiceDescription Service = new("Kafka", "kafka", "kafka", "2018-11-14", "")
    {
        DualStackPrefix = "kafka-api",
        IsFipsDualStackAlike = true,
        IsPlainHostFipsInGovCloud = true,
    };

    public static IEnumerable<DatabaseListing> Listings =>
        [
            new DetailedListing(
                Service,
                new("ListClustersV2") { Path = "/api/v2/clusters", Parameters = [("maxResults", JsonValue.Create(100))] },
                "clusterInfoList",
                "nextToken",
                // One that is being made or taken down tells none.
                clusters =>
                    clusters
                        .Where(cluster =>
                            Text(cluster, "clusterArn") is not null && Text(cluster, "state") is not ("CREATING" or "DELETING" or "FAILED")
                        )
                        .Select(cluster =>
                            (
                                new DocumentCall("GetBootstrapBrokers")
                                {
                                    Path = "/v1/clusters/{clusterArn}/bootstrap-brokers",
                                    PathValue = Text(cluster, "clusterArn"),
                                },
                                cluster
                            )
                        ),
                Brokers
            ),
        ];

    private static IEnumerable<Database> Brokers(JsonElement answer, JsonElement cluster, string region)
    {
        var (arn, name) = (Text(cluster, "clusterArn") ?? "", Text(cluster, "clusterName") ?? "");
        string[] network = Has(cluster, "serverless") ? ["serverless", "vpcConfigs"] : ["provisioned", "brokerNodeGroupInfo"];
        var nodes = Items(cluster, network).FirstOrDefault();
        var isProvisioned = nodes.ValueKind == JsonValueKind.Undefined;
        return from list in BrokerLists
            from broker in (Text(answer, list) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            let parts = broker.Split(':')
            where parts.Length == 2 && ushort.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            select new Database(
                $"{arn}#{broker}",
                name,
                DatabaseService.Msk,
                DatabaseRole.Configuration,
                "kafka",
                parts[0],
                int.Parse(parts[1], CultureInfo.InvariantCulture),
                region,
                isProvisioned ? Texts(cluster, "provisioned", "brokerNodeGroupInfo", "securityGroups") : Texts(nodes, "securityGroupIds"),
                isProvisioned ? Texts(cluster, "provisioned", "brokerNodeGroupInfo", "clientSubnets") : Texts(nodes, "subnetIds"),
                [],
                AccountId: XmlAnswer.AccountOf(arn),
                EngineVersion: Text(cluster, "provisioned", "currentBrokerSoftwareInfo", "kafkaVersion"),
                Status: Text(cluster, "state")?.ToLowerInvariant(),
                Cluster: name,
                IsPublic: false
            );
    }
}
