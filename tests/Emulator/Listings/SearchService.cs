using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsRest;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The calls of OpenSearch by which domains are listed: all names, then five domains a call.</summary>
internal sealed class SearchService(Func<string, EmulatedRegion> regions) : IRestService
{
    private const int MaxDomainsOfACall = 5;

    public string SigningName => "es";

    public (string Operation, string Subject)? Route(string method, IReadOnlyList<string> path) =>
        (method, path) switch
        {
            ("GET", ["2021-01-01", "domain"]) => ("ListDomainNames", ""),
            ("POST", ["2021-01-01", "opensearch", "domain-info"]) => ("DescribeDomains", ""),
            _ => null,
        };

    public JsonObject Call(string operation, string subject, RestInput input, string region)
    {
        var domains = regions(region).SearchDomains;
        if (operation == "ListDomainNames")
        {
            return new JsonObject
            {
                ["DomainNames"] = new JsonArray([
                    .. domains.Select(domain => new JsonObject { ["DomainName"] = domain.Name, ["EngineType"] = "OpenSearch" }),
                ]),
            };
        }

        var names = (input.Body["DomainNames"] as JsonArray ?? []).Select(name => (string?)name).ToList();
        return names.Count is 0 or > MaxDomainsOfACall
            ? throw new ServiceException("ValidationException", $"Please provide 1 to {MaxDomainsOfACall} domain names to describe.")
            : new JsonObject
            {
                ["DomainStatusList"] = new JsonArray([
                    .. domains.Where(domain => names.Contains(domain.Name)).Select(domain => Status(domain, region)),
                ]),
            };
    }

    // A public domain has an endpoint, one in a VPC a list of them.
    private static JsonObject Status(EmulatedSearchDomain domain, string region)
    {
        var status = new JsonObject
        {
            ["DomainId"] = $"{Account}/{domain.Name}",
            ["DomainName"] = domain.Name,
            ["ARN"] = $"arn:aws:es:{region}:{Account}:domain/{domain.Name}",
            ["Created"] = true,
            ["Deleted"] = false,
            ["Processing"] = false,
            ["EngineVersion"] = domain.EngineVersion,
            ["ClusterConfig"] = new JsonObject { ["InstanceType"] = "t3.small.search", ["InstanceCount"] = 1 },
        };
        if (domain.VpcId is null)
        {
            status["Endpoint"] = domain.Host;
            return status;
        }

        status["Endpoints"] = new JsonObject { ["vpc"] = domain.Host };
        status["VPCOptions"] = new JsonObject
        {
            ["VPCId"] = domain.VpcId,
            ["SubnetIds"] = Texts(["subnet-0a"]),
            ["SecurityGroupIds"] = Texts(domain.SecurityGroupIds),
        };
        return status;
    }
}
