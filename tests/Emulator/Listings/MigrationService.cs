using System.Text.Json.Nodes;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The call of the Database Migration Service by which endpoints are listed.</summary>
internal sealed class MigrationService(Func<string, EmulatedRegion> regions)
    : JsonListingService<EmulatedMigrationEndpoint>(regions, "DescribeEndpoints", "Endpoints", "MaxRecords", "Marker")
{
    public override string TargetPrefix => "AmazonDMSv20160101";

    public override string SigningName => "dms";

    protected override IEnumerable<EmulatedMigrationEndpoint> In(EmulatedRegion region) => region.MigrationEndpoints;

    protected override JsonObject Describe(EmulatedMigrationEndpoint endpoint, string region) =>
        new()
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
