using RdsTunnel.Emulator.World;

namespace RdsTunnel.Discovery.Tests;

/// <summary>Accounts to look at.</summary>
internal static class Worlds
{
    public const string Vpc = "vpc-0a";
    public const string DatabaseGroup = "sg-0db";
    public const string JumpGroup = "sg-0jump";

    /// <summary>One of everything.</summary>
    public static EmulatedRegion One { get; } =
        new(
            Account.Region,
            [
                new("orders", "postgres", "16.4", "orders.abc.eu-west-1.rds.amazonaws.com", 5432, Vpc, [DatabaseGroup])
                {
                    DatabaseName = "shop",
                    IamAuthentication = true,
                    MasterSecretArn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders",
                    Tags = new Dictionary<string, string> { ["team"] = "shop" },
                },
                new("making", "mysql", "8.0", "making.abc.eu-west-1.rds.amazonaws.com", 3306, Vpc, [DatabaseGroup]) { Status = "creating" },
                new("docs-1", "docdb", "5.0.0", "docs-1.abc.eu-west-1.docdb.amazonaws.com", 27017, Vpc, [DatabaseGroup])
                {
                    Cluster = "docs",
                },
                new("graph-1", "neptune", "1.3", "graph-1.abc.eu-west-1.neptune.amazonaws.com", 8182, Vpc, [DatabaseGroup]),
            ],
            [
                new(
                    "sales",
                    "aurora-postgresql",
                    "16.4",
                    "sales.cluster-abc.eu-west-1.rds.amazonaws.com",
                    "sales.cluster-ro-abc.eu-west-1.rds.amazonaws.com",
                    ["reports.cluster-custom-abc.eu-west-1.rds.amazonaws.com"],
                    5432,
                    [DatabaseGroup]
                ),
            ],
            [new("pooled", "MYSQL", "pooled.proxy-abc.eu-west-1.rds.amazonaws.com", Vpc, [DatabaseGroup])],
            [Group([new(5432, 5432, [JumpGroup], [], [])])]
        );

    /// <summary>What is no relational database.</summary>
    public static EmulatedRegion CachesAndWarehouses { get; } =
        EmulatedRegion.Empty(Account.Region) with
        {
            CacheGroups =
            [
                new("sessions", "valkey", 6379)
                {
                    PrimaryHost = "master.sessions.abc.euw1.cache.amazonaws.com",
                    ReaderHost = "replica.sessions.abc.euw1.cache.amazonaws.com",
                },
                new("sharded", "redis", 6379) { ConfigurationHost = "clustercfg.sharded.abc.euw1.cache.amazonaws.com" },
            ],
            CacheClusters =
            [
                new("pages", "memcached", "1.6.22", "pages.abc.cfg.euw1.cache.amazonaws.com", 11211, [DatabaseGroup]),
                new("single", "redis", "7.1", "single.abc.0001.euw1.cache.amazonaws.com", 6379, [DatabaseGroup]),
            ],
            ServerlessCaches = [new("elastic", "valkey", "elastic-abc.serverless.euw1.cache.amazonaws.com", 6379, [DatabaseGroup])],
            Warehouses = [new("figures", "figures.abc.eu-west-1.redshift.amazonaws.com", 5439, "dev", Vpc, [DatabaseGroup])],
            Secrets =
            [
                new(
                    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1",
                    "rds!db-1",
                    """{"username":"admin","password":"correct horse"}"""
                ),
                new(
                    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-AbCdEf",
                    "shop",
                    """{"engine":"postgres","username":"shop","password":"battery","host":"orders.abc","port":"5432","dbname":"shop"}"""
                ),
                new("arn:aws:secretsmanager:eu-west-1:111122223333:secret:key", "key", "not for databases"),
            ],
        };

    /// <summary>One of each service whose answers are JSON, and the addresses of RDS that stand apart.</summary>
    public static EmulatedRegion OtherServices { get; } =
        EmulatedRegion.Empty(Account.Region) with
        {
            Proxies = [new("pooled", "MYSQL", "pooled.proxy-abc.eu-west-1.rds.amazonaws.com", Vpc, [DatabaseGroup])],
            ProxyEndpoints =
            [
                new("reading", "pooled", "reading.endpoint.proxy-abc.eu-west-1.rds.amazonaws.com", Vpc, [DatabaseGroup])
                {
                    IsReadOnly = true,
                },
            ],
            GlobalClusters =
            [
                new(
                    "world",
                    "aurora-mysql",
                    "8.0",
                    "world.global-abc.global.rds.amazonaws.com",
                    "arn:aws:rds:us-east-1:111122223333:cluster:world-east"
                ),
            ],
            Workgroups = [new("adhoc", "adhoc.111122223333.eu-west-1.redshift-serverless.amazonaws.com", 5439, Vpc, [DatabaseGroup])],
            MemoryClusters =
            [
                new("carts", "valkey", "7.3", "clustercfg.carts.abc.memorydb.eu-west-1.amazonaws.com", 6379, [DatabaseGroup]),
            ],
            SearchDomains =
            [
                new("logs", "OpenSearch_2.19", "vpc-logs-abc.eu-west-1.es.amazonaws.com", Vpc, [DatabaseGroup]),
                new("public", "OpenSearch_2.19", "search-public-abc.eu-west-1.es.amazonaws.com", null, []),
            ],
            ElasticClusters = [new("papers", "papers-111122223333.eu-west-1.docdb-elastic.amazonaws.com", [DatabaseGroup])],
            Brokers =
            [
                new(
                    "b-0a",
                    "jobs",
                    "RABBITMQ",
                    "3.13",
                    [
                        ["amqps://b-0a.mq.eu-west-1.on.aws:5671"],
                    ],
                    [DatabaseGroup]
                ),
                new(
                    "b-0b",
                    "mail",
                    "ACTIVEMQ",
                    "5.18",
                    [
                        ["wss://b-0b-1.mq.eu-west-1.amazonaws.com:61619", "ssl://b-0b-1.mq.eu-west-1.amazonaws.com:61617"],
                        ["ssl://b-0b-2.mq.eu-west-1.amazonaws.com:61617"],
                    ],
                    [DatabaseGroup]
                ),
            ],
            KafkaClusters =
            [
                new(
                    "events",
                    new Dictionary<string, string>
                    {
                        ["bootstrapBrokerStringTls"] =
                            "b-1.events.abc.c2.kafka.eu-west-1.amazonaws.com:9094,b-2.events.abc.c2.kafka.eu-west-1.amazonaws.com:9094",
                        ["bootstrapBrokerStringPublicTls"] = "b-1-public.events.abc.c2.kafka.eu-west-1.amazonaws.com:9194",
                    },
                    [DatabaseGroup]
                ),
                new(
                    "hooks",
                    new Dictionary<string, string>
                    {
                        ["bootstrapBrokerStringSaslIam"] = "boot-abc.c1.kafka-serverless.eu-west-1.amazonaws.com:9098",
                    },
                    [DatabaseGroup]
                )
                {
                    IsServerless = true,
                },
                new("making", new Dictionary<string, string>(), [DatabaseGroup]) { State = "CREATING" },
            ],
            MigrationEndpoints =
            [
                new("ledger", "oracle", "ledger.corp.example", 1521, "LEDGER"),
                new("orders", "postgres", "orders.abc.eu-west-1.rds.amazonaws.com", 5432, "shop"),
            ],
        };

    public static EmulatedSecurityGroup Group(IReadOnlyList<EmulatedIngress> ingress) => new(DatabaseGroup, Vpc, ingress);

    /// <summary>Many instances, named so that they do not repeat.</summary>
    public static EmulatedRegion Many(string region, int count) =>
        new(
            region,
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(i => new EmulatedDatabase(
                        $"db-{i}",
                        "postgres",
                        "16.4",
                        $"db-{i}.{region}.rds.amazonaws.com",
                        5432,
                        Vpc,
                        [DatabaseGroup]
                    )),
            ],
            [],
            [],
            []
        );
}
