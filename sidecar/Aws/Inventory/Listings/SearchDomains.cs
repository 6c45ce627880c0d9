using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Domains of OpenSearch that are in a VPC; the others need no tunnel.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DescribeDomains.html"/></remarks>
internal static class SearchDomains
{
    /// <summary>DescribeDomains takes no more.</summary>
    private const int DomainsOfACall = 5;

    private const int HttpsPort = 443;

    private static readonly ServiceDescription Service = new("OpenSearch", "es", "es", "2021-01-01", "") { DualStackPrefix = "aos" };

    public static IEnumerable<DatabaseListing> Listings =>
        [
            new DetailedListing(
                Service,
                new("ListDomainNames") { Path = "/2021-01-01/domain" },
                "DomainNames",
                "NextToken",
                Details,
                Domains
            ),
        ];

    private static IEnumerable<(DocumentCall Call, JsonElement Item)> Details(IEnumerable<JsonElement> domains) =>
        domains
            .Select(domain => Text(domain, "DomainName"))
            .OfType<string>()
            .Chunk(DomainsOfACall)
            .Select(names =>
                (
                    new DocumentCall("DescribeDomains")
                    {
                        Path = "/2021-01-01/opensearch/domain-info",
                        Body = new JsonObject
                        {
                            ["DomainNames"] = new JsonArray([.. names.Select(name => (JsonNode)JsonValue.Create(name))]),
                        },
                    },
                    default(JsonElement)
                )
            );

    private static IEnumerable<Database> Domains(JsonElement answer, JsonElement item, string region) =>
        from domain in Items(answer, "DomainStatusList")
        let host = Text(domain, "Endpoints", "vpc") ?? Text(domain, "EndpointV2")
        where host is not null && Text(domain, "VPCOptions", "VPCId") is not null && Flag(domain, "Deleted") != true
        let arn = Text(domain, "ARN") ?? ""
        select new Database(
            arn,
            Text(domain, "DomainName") ?? "",
            DatabaseService.OpenSearch,
            DatabaseRole.Instance,
            "opensearch",
            host,
            HttpsPort,
            region,
            Texts(domain, "VPCOptions", "SecurityGroupIds"),
            Texts(domain, "VPCOptions", "SubnetIds"),
            [],
            AccountId: XmlAnswer.AccountOf(arn),
            EngineVersion: Text(domain, "EngineVersion"),
            Status: Flag(domain, "Processing") == true ? "processing" : "active",
            VpcId: Text(domain, "VPCOptions", "VPCId"),
            IsPublic: false
        );
}
