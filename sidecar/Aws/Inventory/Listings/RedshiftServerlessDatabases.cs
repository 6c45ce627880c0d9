using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Workgroups of Redshift Serverless, which speak PostgreSQL's protocol.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_ListWorkgroups.html"/></remarks>
internal static class RedshiftServerlessDatabases
{
    private static readonly ServiceDescription Service = new(
        "Redshift Serverless",
        "redshift-serverless",
        "redshift-serverless",
        "2021-04-21",
        "RedshiftServerless"
    );

    public static IEnumerable<DatabaseListing> Listings =>
        [
            new DocumentListing(
                Service,
                new("ListWorkgroups") { Parameters = [("maxResults", JsonValue.Create(100))] },
                "workgroups",
                "nextToken",
                Workgroup
            ),
        ];

    private static IEnumerable<Database> Workgroup(JsonElement workgroup, string region)
    {
        var arn = Text(workgroup, "workgroupArn") ?? "";
        return Text(workgroup, "endpoint", "address") is not { } host
            ? []
            :
            [
                new Database(
                    arn,
                    Text(workgroup, "workgroupName") ?? "",
                    DatabaseService.Redshift,
                    DatabaseRole.Instance,
                    "redshift",
                    host,
                    Port(workgroup, "endpoint", "port") ?? 0,
                    region,
                    Texts(workgroup, "securityGroupIds"),
                    Texts(workgroup, "subnetIds"),
                    [],
                    AccountId: XmlAnswer.AccountOf(arn),
                    EngineVersion: Text(workgroup, "workgroupVersion"),
                    Status: Text(workgroup, "status")?.ToLowerInvariant(),
                    VpcId: Items(workgroup, "endpoint", "vpcEndpoints").Select(endpoint => Text(endpoint, "vpcId")).FirstOrDefault(),
                    IsPublic: Flag(workgroup, "publiclyAccessible")
                ),
            ];
    }
}
