using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsRest;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Listings;

/// <summary>The calls of Amazon MQ by which brokers are listed: all names, then a broker a call.</summary>
internal sealed class BrokerService(Func<string, EmulatedRegion> regions) : IRestService
{
    public string SigningName => "mq";

    public string AccessDeniedCode => "ForbiddenException";

    public (string Operation, string Subject)? Route(string method, IReadOnlyList<string> path) =>
        (method, path) switch
        {
            ("GET", ["v1", "brokers"]) => ("ListBrokers", ""),
            ("GET", ["v1", "brokers", var id]) => ("DescribeBroker", id),
            _ => null,
        };

    public JsonObject Call(string operation, string subject, RestInput input, string region)
    {
        var brokers = regions(region).Brokers;
        return operation == "ListBrokers"
            ? Of(
                brokers.Select(broker => Summary(broker, region)),
                "brokerSummaries",
                input.Number("maxResults"),
                input["nextToken"],
                "nextToken"
            )
            : Broker(
                brokers.FirstOrDefault(broker => broker.Id == subject)
                    ?? throw new ServiceException(
                        "NotFoundException",
                        $"Can't find requested broker [{subject}].",
                        StatusCodes.Status404NotFound
                    ),
                region
            );
    }

    private static JsonObject Summary(EmulatedBroker broker, string region) =>
        new()
        {
            ["brokerArn"] = $"arn:aws:mq:{region}:{Account}:broker:{broker.Name}:{broker.Id}",
            ["brokerId"] = broker.Id,
            ["brokerName"] = broker.Name,
            ["brokerState"] = "RUNNING",
            ["deploymentMode"] = broker.Endpoints.Count == 1 ? "SINGLE_INSTANCE" : "ACTIVE_STANDBY_MULTI_AZ",
            ["engineType"] = broker.EngineType,
            ["hostInstanceType"] = "mq.m5.large",
        };

    private static JsonObject Broker(EmulatedBroker broker, string region)
    {
        var answer = Summary(broker, region);
        answer["brokerInstances"] = new JsonArray([
            .. broker.Endpoints.Select(endpoints => new JsonObject { ["endpoints"] = Texts(endpoints) }),
        ]);
        answer["engineVersion"] = broker.EngineVersion;
        answer["publiclyAccessible"] = false;
        answer["securityGroups"] = Texts(broker.SecurityGroupIds);
        answer["subnetIds"] = Texts(["subnet-0a"]);
        return answer;
    }
}
