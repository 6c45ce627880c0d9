using RdsTunnel.Emulator.World;

namespace RdsTunnel.Discovery.Tests;

/// <summary>Accounts to look at.</summary>
internal static class Worlds
{
    public const string Vpc = "vpc-0a";
    public const string DatabaseGroup = "sg-0db";
    public const string JumpGroup = "sg-0jump";

    /// <summary>One of everything.</summary>
    public static EmulatedRegion One { get; } = new(
        Account.Region,
        [
            new("orders", "postgres", "16.4", "orders.abc.eu-west-1.rds.amazonaws.com", 5432, Vpc, [DatabaseGroup])
            {
                DatabaseName = "shop", IamAuthentication = true, MasterSecretArn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders",
                Tags = new Dictionary<string, string> { ["team"] = "shop" },
            },
            new("making", "mysql", "8.0", "making.abc.eu-west-1.rds.amazonaws.com", 3306, Vpc, [DatabaseGroup]) { Status = "creating" },
            new("docs-1", "docdb", "5.0.0", "docs-1.abc.eu-west-1.docdb.amazonaws.com", 27017, Vpc, [DatabaseGroup]) { Cluster = "docs" },
            new("graph-1", "neptune", "1.3", "graph-1.abc.eu-west-1.neptune.amazonaws.com", 8182, Vpc, [DatabaseGroup]),
        ],
        [
            new("sales", "aurora-postgresql", "16.4", "sales.cluster-abc.eu-west-1.rds.amazonaws.com", "sales.cluster-ro-abc.eu-west-1.rds.amazonaws.com",
                ["reports.cluster-custom-abc.eu-west-1.rds.amazonaws.com"], 5432, [DatabaseGroup]),
        ],
        [new("pooled", "MYSQL", "pooled.proxy-abc.eu-west-1.rds.amazonaws.com", Vpc, [DatabaseGroup])],
        [Group([new(5432, 5432, [JumpGroup], [], [])])]);

    /// <summary>What is no relational database.</summary>
    public static EmulatedRegion CachesAndWarehouses { get; } = EmulatedRegion.Empty(Account.Region) with
    {
        CacheGroups =
        [
            new("sessions", "valkey", 6379) { PrimaryHost = "master.sessions.abc.euw1.cache.amazonaws.com", ReaderHost = "replica.sessions.abc.euw1.cache.amazonaws.com" },
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
            new("arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1", "rds!db-1", """{"username":"admin","password":"correct horse"}"""),
            new("arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-AbCdEf", "shop",
                """{"engine":"postgres","username":"shop","password":"battery","host":"orders.abc","port":"5432","dbname":"shop"}"""),
            new("arn:aws:secretsmanager:eu-west-1:111122223333:secret:key", "key", "not for databases"),
        ],
    };

    public static EmulatedSecurityGroup Group(IReadOnlyList<EmulatedIngress> ingress) => new(DatabaseGroup, Vpc, ingress);

    /// <summary>Many instances, named so that they do not repeat.</summary>
    public static EmulatedRegion Many(string region, int count) => new(
        region,
        [.. Enumerable.Range(0, count).Select(i => new EmulatedDatabase($"db-{i}", "postgres", "16.4", $"db-{i}.{region}.rds.amazonaws.com", 5432, Vpc, [DatabaseGroup]))],
        [], [], []);
}
