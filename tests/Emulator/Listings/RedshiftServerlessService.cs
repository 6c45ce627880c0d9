using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The call of Redshift Serverless by which workgroups are listed.</summary>
internal sealed class RedshiftServerlessService(Func<string, EmulatedRegion> regions) : IAwsJsonService
{
    public string TargetPrefix => "RedshiftServerless";

    public string SigningName => "redshift-serverless";

    public JsonObject Call(string operation, JsonObject input, EmulatedCredential caller, string region, Uri address) => operation switch
    {
        "ListWorkgroups" => Of(
            regions(region).Workgroups.Select(workgroup => Workgroup(workgroup, region)), "workgroups", (int?)input["maxResults"], (string?)input["nextToken"], "nextToken"),
        _ => throw new ServiceException("UnknownOperationException", ""),
    };

    private static JsonObject Workgroup(EmulatedWorkgroup workgroup, string region) => new()
    {
        ["workgroupArn"] = $"arn:aws:redshift-serverless:{region}:{Account}:workgroup/86b5169f-01dc-4a6f-9fbb-e2e24359e9a8",
        ["workgroupId"] = "86b5169f-01dc-4a6f-9fbb-e2e24359e9a8",
        ["workgroupName"] = workgroup.Name,
        ["namespaceName"] = workgroup.Name,
        ["status"] = "AVAILABLE",
        ["baseCapacity"] = 128,
        ["endpoint"] = new JsonObject
        {
            ["address"] = workgroup.Host, ["port"] = workgroup.Port,
            ["vpcEndpoints"] = new JsonArray(new JsonObject { ["vpcEndpointId"] = "vpce-0a", ["vpcId"] = workgroup.VpcId, ["networkInterfaces"] = new JsonArray() }),
        },
        ["publiclyAccessible"] = false,
        ["securityGroupIds"] = Texts(workgroup.SecurityGroupIds),
        ["subnetIds"] = Texts(["subnet-0a"]),
        ["workgroupVersion"] = "1.0.1",
    };
}
