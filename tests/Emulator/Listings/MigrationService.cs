using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The call of the Database Migration Service by which endpoints are listed.</summary>
internal sealed class MigrationService(Func<string, EmulatedRegion> regions) : IAwsJsonService
{
    public string TargetPrefix => "AmazonDMSv20160101";

    public string SigningName => "dms";

    public JsonObject Call(string operation, JsonObject input, EmulatedCredential caller, string region, Uri address) => operation switch
    {
        "DescribeEndpoints" => Of(
            regions(region).MigrationEndpoints.Select(endpoint => Endpoint(endpoint, region)), "Endpoints", (int?)input["MaxRecords"], (string?)input["Marker"], "Marker"),
        _ => throw new ServiceException("UnknownOperationException", ""),
    };

    private static JsonObject Endpoint(EmulatedMigrationEndpoint endpoint, string region) => new()
    {
        ["EndpointIdentifier"] = endpoint.Identifier,
        ["EndpointType"] = "SOURCE",
        ["EngineName"] = endpoint.Engine,
        ["Username"] = "replicator",
        ["ServerName"] = endpoint.Host,
        ["Port"] = endpoint.Port,
        ["DatabaseName"] = endpoint.DatabaseName,
        ["Status"] = "active",
        ["EndpointArn"] = $"arn:aws:dms:{region}:{Account}:endpoint:{endpoint.Identifier.ToUpperInvariant()}",
        ["SslMode"] = "none",
    };
}
