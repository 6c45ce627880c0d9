using System.Text.Json.Nodes;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The call of MemoryDB by which clusters are listed.</summary>
internal sealed class MemoryDbService(Func<string, EmulatedRegion> regions)
    : JsonListingService<EmulatedMemoryCluster>(regions, "DescribeClusters", "Clusters", "MaxResults", "NextToken")
{
    public override string TargetPrefix => "AmazonMemoryDB";

    public override string SigningName => "memorydb";

    protected override IEnumerable<EmulatedMemoryCluster> In(EmulatedRegion region) => region.MemoryClusters;

    protected override JsonObject Describe(EmulatedMemoryCluster cluster, string region) =>
        new()
        {
            ["Name"] = cluster.Name,
            ["Status"] = "available",
            ["NumberOfShards"] = 1,
            ["ClusterEndpoint"] = new JsonObject { ["Address"] = cluster.Host, ["Port"] = cluster.Port },
            ["NodeType"] = "db.t4g.small",
            ["Engine"] = cluster.Engine,
            ["EngineVersion"] = cluster.EngineVersion,
            ["SecurityGroups"] = new JsonArray([
                .. cluster.SecurityGroupIds.Select(id => new JsonObject { ["SecurityGroupId"] = id, ["Status"] = "active" }),
            ]),
            ["SubnetGroupName"] = "default",
            ["TLSEnabled"] = true,
            ["ARN"] = $"arn:aws:memorydb:{region}:{Account}:cluster/{cluster.Name}",
            ["ACLName"] = "open-access",
        };
}
