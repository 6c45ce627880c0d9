using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The call of MemoryDB by which clusters are listed.</summary>
internal sealed class MemoryDbService(Func<string, EmulatedRegion> regions) : IAwsJsonService
{
    public string TargetPrefix => "AmazonMemoryDB";

    public string SigningName => "memorydb";

    public JsonObject Call(string operation, JsonObject input, EmulatedCredential caller, string region, Uri address) => operation switch
    {
        "DescribeClusters" => Of(
            regions(region).MemoryClusters.Select(cluster => Cluster(cluster, region)), "Clusters", (int?)input["MaxResults"], (string?)input["NextToken"], "NextToken"),
        _ => throw new ServiceException("UnknownOperationException", ""),
    };

    private static JsonObject Cluster(EmulatedMemoryCluster cluster, string region) => new()
    {
        ["Name"] = cluster.Name,
        ["Status"] = "available",
        ["NumberOfShards"] = 1,
        ["ClusterEndpoint"] = new JsonObject { ["Address"] = cluster.Host, ["Port"] = cluster.Port },
        ["NodeType"] = "db.t4g.small",
        ["Engine"] = cluster.Engine,
        ["EngineVersion"] = cluster.EngineVersion,
        ["SecurityGroups"] = new JsonArray([.. cluster.SecurityGroupIds.Select(id => new JsonObject { ["SecurityGroupId"] = id, ["Status"] = "active" })]),
        ["SubnetGroupName"] = "default",
        ["TLSEnabled"] = true,
        ["ARN"] = $"arn:aws:memorydb:{region}:{Account}:cluster/{cluster.Name}",
        ["ACLName"] = "open-access",
    };
}
