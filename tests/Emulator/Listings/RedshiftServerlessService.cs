using System.Text.Json.Nodes;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The call of Redshift Serverless by which workgroups are listed.</summary>
internal sealed class RedshiftServerlessService(Func<string, EmulatedRegion> regions)
    : JsonListingService<EmulatedWorkgroup>(regions, "ListWorkgroups", "workgroups", "maxResults", "nextToken")
{
    public override string TargetPrefix => "RedshiftServerless";

    public override string SigningName => "redshift-serverless";

    protected override IEnumerable<EmulatedWorkgroup> In(EmulatedRegion region) => region.Workgroups;

    protected override JsonObject Describe(EmulatedWorkgroup workgroup, string region) =>
        new()
        {
            ["workgroupArn"] = $"arn:aws:redshift-serverless:{region}:{Account}:workgroup/86b5169f-01dc-4a6f-9fbb-e2e24359e9a8",
            ["workgroupId"] = "86b5169f-01dc-4a6f-9fbb-e2e24359e9a8",
            ["workgroupName"] = workgroup.Name,
            ["namespaceName"] = workgroup.Name,
            ["status"] = "AVAILABLE",
            ["baseCapacity"] = 128,
            ["endpoint"] = new JsonObject
            {
                ["address"] = workgroup.Host,
                ["port"] = workgroup.Port,
                ["vpcEndpoints"] = new JsonArray(
                    new JsonObject
                    {
                        ["vpcEndpointId"] = "vpce-0a",
                        ["vpcId"] = workgroup.VpcId,
                        ["networkInterfaces"] = new JsonArray(),
                    }
                ),
            },
            ["publiclyAccessible"] = false,
            ["securityGroupIds"] = Texts(workgroup.SecurityGroupIds),
            ["subnetIds"] = Texts(["subnet-0a"]),
            ["workgroupVersion"] = "1.0.1",
        };
}
