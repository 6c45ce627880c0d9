using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Brokers of Amazon MQ: each of their instances, by the protocol that clients speak as a rule.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers-broker-id.html"/></remarks>
internal static class MessageBrokers
{
    private static readonly ServiceDescription Service = new("mq", "mq", "mq", "2017-11-27", "");

    public static IEnumerable<DatabaseListing> Listings =>
        [
            new DetailedListing(
                Service,
                new("ListBrokers") { Path = "/v1/brokers", Parameters = [("maxResults", JsonValue.Create(100))] },
                "brokerSummaries",
                "nextToken",
                brokers =>
                    brokers
                        .Where(broker => Text(broker, "brokerId") is not null)
                        .Select(broker =>
                            (
                                new DocumentCall("DescribeBroker")
                                {
                                    Path = "/v1/brokers/{broker-id}",
                                    PathValue = Text(broker, "brokerId"),
                                },
                                broker
                            )
                        ),
                Broker
            ),
        ];

    private static IEnumerable<Database> Broker(JsonElement broker, JsonElement item, string region)
    {
        var (arn, name) = (Text(broker, "brokerArn") ?? "", Text(broker, "brokerName") ?? "");
        var engine = (Text(broker, "engineType") ?? "").ToLowerInvariant();
        return from instance in Items(broker, "brokerInstances")
            let address = Address(Texts(instance, "endpoints"), engine)
            where address is not null
            select new Database(
                $"{arn}#{address.Host}",
                name,
                DatabaseService.AmazonMq,
                DatabaseRole.Instance,
                engine,
                address.Host,
                address.Port,
                region,
                Texts(broker, "securityGroups"),
                Texts(broker, "subnetIds"),
                [],
                AccountId: XmlAnswer.AccountOf(arn),
                EngineVersion: Text(broker, "engineVersion"),
                Status: Text(broker, "brokerState")?.ToLowerInvariant(),
                Cluster: name,
                IsPublic: Flag(broker, "publiclyAccessible")
            );
    }

    // ssl://b-….mq.eu-west-1.amazonaws.com:61617 is ActiveMQ's own protocol, amqps://…:5671 RabbitMQ's.
    private static Uri? Address(IEnumerable<string> endpoints, string engine)
    {
        var addresses = endpoints
            .Select(endpoint => Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Port > 0 ? address : null)
            .OfType<Uri>()
            .ToList();
        return addresses.Find(address => address.Scheme == (engine == "activemq" ? "ssl" : "amqps")) ?? addresses.FirstOrDefault();
    }
}
