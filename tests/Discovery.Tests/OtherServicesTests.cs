using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery.Tests.Names;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Discovery.Tests;

/// <summary>What is listed beside RDS's clusters and instances.</summary>
public sealed class OtherServicesTests
{
    [Fact]
    public async Task Find_OneOfEachService_TellsEachAddress()
    {
        await using var account = await Account.StartAsync([Worlds.OtherServices]);
        var (databases, failures) = await account.FindAsync();
        Assert.Empty(failures);
        Assert.Equal(
            [
                (
                    "adhoc",
                    DatabaseService.Redshift,
                    DatabaseRole.Instance,
                    "redshift",
                    "adhoc.111122223333.eu-west-1.redshift-serverless.amazonaws.com",
                    5439
                ),
                (
                    "carts",
                    DatabaseService.MemoryDb,
                    DatabaseRole.Configuration,
                    "valkey",
                    "clustercfg.carts.abc.memorydb.eu-west-1.amazonaws.com",
                    6379
                ),
                (
                    "events",
                    DatabaseService.Msk,
                    DatabaseRole.Configuration,
                    "kafka",
                    "b-1.events.abc.c2.kafka.eu-west-1.amazonaws.com",
                    9094
                ),
                (
                    "events",
                    DatabaseService.Msk,
                    DatabaseRole.Configuration,
                    "kafka",
                    "b-2.events.abc.c2.kafka.eu-west-1.amazonaws.com",
                    9094
                ),
                (
                    "hooks",
                    DatabaseService.Msk,
                    DatabaseRole.Configuration,
                    "kafka",
                    "boot-abc.c1.kafka-serverless.eu-west-1.amazonaws.com",
                    9098
                ),
                ("jobs", DatabaseService.AmazonMq, DatabaseRole.Instance, "rabbitmq", "b-0a.mq.eu-west-1.on.aws", 5671),
                ("ledger", DatabaseService.Dms, DatabaseRole.Instance, "oracle", "ledger.corp.example", 1521),
                ("logs", DatabaseService.OpenSearch, DatabaseRole.Instance, "opensearch", "vpc-logs-abc.eu-west-1.es.amazonaws.com", 443),
                ("mail", DatabaseService.AmazonMq, DatabaseRole.Instance, "activemq", "b-0b-1.mq.eu-west-1.amazonaws.com", 61617),
                ("mail", DatabaseService.AmazonMq, DatabaseRole.Instance, "activemq", "b-0b-2.mq.eu-west-1.amazonaws.com", 61617),
                (
                    "papers",
                    DatabaseService.DocumentDb,
                    DatabaseRole.Writer,
                    "docdb-elastic",
                    "papers-111122223333.eu-west-1.docdb-elastic.amazonaws.com",
                    27017
                ),
                ("pooled", DatabaseService.RdsProxy, DatabaseRole.Proxy, "mysql", "pooled.proxy-abc.eu-west-1.rds.amazonaws.com", 3306),
                (
                    "reading",
                    DatabaseService.RdsProxy,
                    DatabaseRole.Reader,
                    "mysql",
                    "reading.endpoint.proxy-abc.eu-west-1.rds.amazonaws.com",
                    3306
                ),
                ("world", DatabaseService.Rds, DatabaseRole.Writer, "aurora-mysql", "world.global-abc.global.rds.amazonaws.com", 3306),
            ],
            databases
                .OrderBy(database => database.Name, StringComparer.Ordinal)
                .ThenBy(database => database.Host, StringComparer.Ordinal)
                .Select(database => (database.Name, database.Service, database.Role, database.Engine, database.Host, database.Port))
        );
        Assert.Equal(databases.Count, databases.DistinctBy(database => database.Id).Count());
        Assert.All(databases, database => Assert.Equal("111122223333", database.AccountId));
    }

    [Fact]
    public async Task Find_WhatTheNetworkIsAskedFor_IsTold()
    {
        await using var account = await Account.StartAsync([Worlds.OtherServices]);
        var (databases, _) = await account.FindAsync();
        var placed = databases.Where(database => database.Service is not DatabaseService.Dms && database.Name != "world").ToList();
        Assert.All(placed, database => Assert.Equal(["sg-0db"], database.SecurityGroupIds));
        Assert.All(
            placed.Where(database => database.Service != DatabaseService.MemoryDb),
            database => Assert.Equal(["subnet-0a"], database.SubnetIds)
        );
        Assert.Equal(
            ["adhoc", "logs", "pooled", "reading"],
            placed.Where(database => database.VpcId == Worlds.Vpc).Select(database => database.Name).Order()
        );
    }

    [Fact]
    public async Task Find_AGlobalCluster_IsInTheRegionOfItsWriter()
    {
        await using var account = await Account.StartAsync([Worlds.OtherServices]);
        var world = (await account.FindAsync()).Databases.Single(database => database.Name == "world");
        Assert.Equal(("us-east-1", "world-east"), (world.Region, world.Cluster));
    }

    [Fact]
    public async Task CreateToken_AGlobalName_IsSignedForTheRegionOfItsWriter()
    {
        await using var account = await Account.StartAsync([Worlds.OtherServices]);
        var token = await account
            .TokensBy(new FakeNames([]))
            .CreateAsync(new AwsScope(), "World.global-abc.global.rds.amazonaws.com.", 3306, "jane", CancellationToken.None);
        Assert.Equal(("world.global-abc.global.rds.amazonaws.com", "us-east-1", null), (token.Host, token.Region, token.Hint));
    }

    [Theory]
    [InlineData("rds:DescribeGlobalClusters", 13)]
    [InlineData("rds:DescribeDBProxyEndpoints", 13)]
    [InlineData("redshift-serverless:ListWorkgroups", 13)]
    [InlineData("memorydb:DescribeClusters", 13)]
    [InlineData("es:ListDomainNames", 13)]
    [InlineData("es:DescribeDomains", 13)]
    [InlineData("docdb-elastic:ListClusters", 13)]
    [InlineData("docdb-elastic:GetCluster", 13)]
    [InlineData("mq:ListBrokers", 11)]
    [InlineData("mq:DescribeBroker", 11)]
    [InlineData("kafka:ListClustersV2", 11)]
    [InlineData("kafka:GetBootstrapBrokers", 11)]
    [InlineData("dms:DescribeEndpoints", 13)]
    public async Task Find_OneCallIsDenied_TellsItsNameBesideTheRest(string action, int found)
    {
        await using var account = await Account.StartAsync([Worlds.OtherServices], null, action);
        var (databases, failures) = await account.FindAsync();
        Assert.Equal(found, databases.Count);
        var failure = Assert.Single(failures);
        Assert.Equal((action, AwsErrorCode.AccessDenied), (failure.Action, failure.Code));
        Assert.Contains(action, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_MoreThanAPage_TellsAll()
    {
        await using var account = await Account.StartAsync([
            Worlds.OtherServices with
            {
                MemoryClusters =
                [
                    .. Enumerable
                        .Range(0, 250)
                        .Select(i => new EmulatedMemoryCluster(
                            $"m{i}",
                            "redis",
                            "7.1",
                            $"clustercfg.m{i}.abc.memorydb.eu-west-1.amazonaws.com",
                            6379,
                            []
                        )),
                ],
                Workgroups =
                [
                    .. Enumerable
                        .Range(0, 101)
                        .Select(i => new EmulatedWorkgroup(
                            $"w{i}",
                            $"w{i}.111122223333.eu-west-1.redshift-serverless.amazonaws.com",
                            5439,
                            Worlds.Vpc,
                            []
                        )),
                ],
                ElasticClusters =
                [
                    .. Enumerable
                        .Range(0, 150)
                        .Select(i => new EmulatedElasticCluster($"e{i}", $"e{i}-1.eu-west-1.docdb-elastic.amazonaws.com", [])),
                ],
                SearchDomains =
                [
                    .. Enumerable
                        .Range(0, 12)
                        .Select(i => new EmulatedSearchDomain(
                            $"dom{i}",
                            "OpenSearch_2.19",
                            $"vpc-dom{i}.eu-west-1.es.amazonaws.com",
                            Worlds.Vpc,
                            []
                        )),
                ],
                MigrationEndpoints =
                [
                    .. Enumerable
                        .Range(0, 120)
                        .Select(i => new EmulatedMigrationEndpoint($"s{i}", "oracle", $"s{i}.corp.example", 1521, "X")),
                ],
            },
        ]);
        var (databases, failures) = await account.FindAsync();
        Assert.Empty(failures);
        Assert.Equal(
            [("Dms", 120), ("DocumentDb", 150), ("MemoryDb", 250), ("OpenSearch", 12), ("Redshift", 101)],
            databases
                .CountBy(database => database.Service.ToString())
                .Where(count => count.Value > 4)
                .Select(count => (count.Key, count.Value))
                .Order()
        );
    }

    [Fact]
    public async Task Find_MoreThanCanBeAskedAbout_TellsThatTheRestIsMissing()
    {
        await using var account = await Account.StartAsync([
            Worlds.OtherServices with
            {
                ElasticClusters =
                [
                    .. Enumerable
                        .Range(0, 201)
                        .Select(i => new EmulatedElasticCluster($"e{i}", $"e{i}-1.eu-west-1.docdb-elastic.amazonaws.com", [])),
                ],
            },
        ]);
        var (databases, failures) = await account.FindAsync();
        Assert.Equal(200, databases.Count(database => database.Service == DatabaseService.DocumentDb));
        Assert.Equal(
            ("docdb-elastic:ListClusters", AwsErrorCode.Throttled),
            failures.Select(failure => (failure.Action, failure.Code)).Single()
        );
    }

    [Theory]
    [InlineData("AWS_ENDPOINT_URL_DOCDB_ELASTIC")]
    [InlineData("AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS")]
    [InlineData("AWS_ENDPOINT_URL_MEMORYDB")]
    [InlineData("AWS_ENDPOINT_URL_OPENSEARCH")]
    [InlineData("AWS_ENDPOINT_URL_MQ")]
    [InlineData("AWS_ENDPOINT_URL_KAFKA")]
    [InlineData("AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE")]
    public async Task Find_ServiceThatTheRegionDoesNotHave_IsNoFailure(string endpoint)
    {
        await using var account = await Account.StartAsync([Worlds.OtherServices], (endpoint, "http://127.0.0.1:1"));
        var (databases, failures) = await account.FindAsync();
        Assert.Empty(failures);
        Assert.InRange(databases.Count, 11, 13);
    }

    [Fact]
    public async Task Find_RdsCannotBeReached_IsAFailure()
    {
        await using var account = await Account.StartAsync([Worlds.OtherServices], ("AWS_ENDPOINT_URL_RDS", "http://127.0.0.1:1"));
        Assert.All((await account.FindAsync()).Failures, failure => Assert.Equal(AwsErrorCode.Unreachable, failure.Code));
    }
}
