using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Endpoints;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Servers that the Database Migration Service connects to and no other service lists: on
/// EC2, or in the company's own network.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/dms/latest/APIReference/API_DescribeEndpoints.html"/></remarks>
internal static class MigrationEndpoints
{
    private static readonly ServiceDescription Service = new("Database Migration Service", "dms", "dms", "2016-01-01", "AmazonDMSv20160101")
    {
        IsPlainHostFipsInGovCloud = true,
    };

    public static IEnumerable<DatabaseListing> Listings =>
        [
            new DocumentListing(
                Service,
                new("DescribeEndpoints") { Parameters = [("MaxRecords", JsonValue.Create(100))] },
                "Endpoints",
                "Marker",
                Endpoint
            ),
        ];

    // A name that AWS gave belongs to a database of another listing, which tells more of it.
    private static IEnumerable<Database> Endpoint(JsonElement endpoint, string region)
    {
        var arn = Text(endpoint, "EndpointArn") ?? "";
        return Text(endpoint, "ServerName") is not { } host || DatabaseEndpoint.Of(host) is not null
            ? []
            :
            [
                new Database(
                    arn,
                    Text(endpoint, "EndpointIdentifier") ?? "",
                    DatabaseService.Dms,
                    DatabaseRole.Instance,
                    Text(endpoint, "EngineName") ?? "",
                    host,
                    Port(endpoint, "Port") ?? 0,
                    region,
                    [],
                    [],
                    [],
                    AccountId: XmlAnswer.AccountOf(arn),
                    Status: Text(endpoint, "Status"),
                    DatabaseName: Text(endpoint, "DatabaseName")
                ),
            ];
    }
}
