using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery.Tests;

public sealed class DatabaseFinderTests
{
    [Fact]
    public async Task Find_OneOfEverything_TellsEachAddress()
    {
        await using var account = await Account.StartAsync([Worlds.One]);
        var (databases, failures) = await account.FindAsync();
        Assert.Empty(failures);
        Assert.Equal(
            [
                (DatabaseService.DocumentDb, DatabaseRole.Instance, "docs-1", 27017),
                (DatabaseService.Neptune, DatabaseRole.Instance, "graph-1", 8182),
                (DatabaseService.Rds, DatabaseRole.Instance, "orders", 5432),
                (DatabaseService.RdsProxy, DatabaseRole.Proxy, "pooled", 3306),
                (DatabaseService.Rds, DatabaseRole.Writer, "sales", 5432),
                (DatabaseService.Rds, DatabaseRole.Reader, "sales", 5432),
                (DatabaseService.Rds, DatabaseRole.Custom, "sales", 5432),
            ],
            databases
                .OrderBy(database => database.Name, StringComparer.Ordinal)
                .ThenBy(database => database.Role)
                .Select(database => (database.Service, database.Role, database.Name, database.Port))
        );
        Assert.Equal(databases.Count, databases.DistinctBy(database => database.Id).Count());
    }

    [Fact]
    public async Task Find_AnInstance_TellsAllThatAwsSays()
    {
        await using var account = await Account.StartAsync([Worlds.One]);
        var orders = (await account.FindAsync()).Databases.Single(database => database.Name == "orders");
        Assert.Equal("arn:aws:rds:eu-west-1:111122223333:db:orders", orders.Id);
        Assert.Equal(
            ("111122223333", "16.4", "available", "vpc-0a"),
            (orders.AccountId, orders.EngineVersion, orders.Status, orders.VpcId)
        );
        Assert.Equal(
            ("shop", "admin", true, false),
            (orders.DatabaseName, orders.MasterUserName, orders.SupportsIamAuthentication, orders.IsPublic)
        );
        Assert.Equal("arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders", orders.MasterSecretArn);
        Assert.Equal([new Tag("team", "shop")], orders.Tags);
        Assert.Equal(["sg-0db"], orders.SecurityGroupIds);
        Assert.Equal(["subnet-0a"], orders.SubnetIds);
    }

    [Fact]
    public async Task Find_CachesAndWarehouses_TellsEachAddress()
    {
        await using var account = await Account.StartAsync([Worlds.CachesAndWarehouses]);
        var (databases, failures) = await account.FindAsync();
        Assert.Empty(failures);
        Assert.Equal(
            [
                (DatabaseService.ElastiCache, DatabaseRole.Writer, "elastic", "valkey", 6379),
                (DatabaseService.Redshift, DatabaseRole.Instance, "figures", "redshift", 5439),
                (DatabaseService.ElastiCache, DatabaseRole.Configuration, "pages", "memcached", 11211),
                (DatabaseService.ElastiCache, DatabaseRole.Writer, "sessions", "valkey", 6379),
                (DatabaseService.ElastiCache, DatabaseRole.Reader, "sessions", "valkey", 6379),
                (DatabaseService.ElastiCache, DatabaseRole.Configuration, "sharded", "redis", 6379),
                (DatabaseService.ElastiCache, DatabaseRole.Instance, "single", "redis", 6379),
            ],
            databases
                .OrderBy(database => database.Name, StringComparer.Ordinal)
                .ThenBy(database => database.Role)
                .Select(database => (database.Service, database.Role, database.Name, database.Engine, database.Port))
        );
        Assert.Equal(databases.Count, databases.DistinctBy(database => database.Id).Count());
        Assert.All(databases, database => Assert.Equal("111122223333", database.AccountId));
        Assert.Equal(["sg-0db"], databases.Single(database => database.Name == "single").SecurityGroupIds);
    }

    [Fact]
    public async Task Find_TwoThousandInThreeRegions_ComesPageByPage()
    {
        string[] regions = ["eu-west-1", "eu-central-1", "us-east-1"];
        await using var account = await Account.StartAsync([.. regions.Select((region, i) => Worlds.Many(region, 666 + (i == 0 ? 2 : 0)))]);
        var pages = new List<int>();
        await foreach (
            var batch in account.Databases.FindAsync(
                [.. regions.Select(region => new AwsScope(Region: region))],
                refresh: false,
                CancellationToken.None
            )
        )
        {
            Assert.Null(batch.Failure);
            pages.Add(batch.Databases.Count);
        }

        Assert.Equal(2000, pages.Sum());
        Assert.All(pages, page => Assert.InRange(page, 0, 100));
    }

    [Fact]
    public async Task Find_OneCallIsDenied_TellsItsNameBesideTheRest()
    {
        await using var account = await Account.StartAsync([Worlds.One], null, "rds:DescribeDBProxies");
        var (databases, failures) = await account.FindAsync();
        Assert.Equal(6, databases.Count);
        var failure = Assert.Single(failures);
        Assert.Equal(("rds:DescribeDBProxies", AwsErrorCode.AccessDenied, Account.Region), (failure.Action, failure.Code, failure.Region));
    }

    [Fact]
    public async Task Find_AScopeThatCannotBeUsed_IsAFailureBesideTheOthers()
    {
        await using var account = await Account.StartAsync([Worlds.One]);
        var (databases, failures) = await account.FindAsync(false, new AwsScope("nobody", Account.Region), new AwsScope());
        Assert.Equal(7, databases.Count);
        Assert.Equal(AwsErrorCode.ConfigurationInvalid, Assert.Single(failures).Code);
    }

    [Fact]
    public async Task Find_ThrottledNowAndThen_IsTriedAgain()
    {
        await using var account = await Account.StartAsync([Worlds.One]);
        account.Emulator.ApiFaults.Fail("DescribeDBInstances", "Throttling", times: 2);
        var (databases, failures) = await account.FindAsync();
        Assert.Empty(failures);
        Assert.Equal(7, databases.Count);
    }

    [Fact]
    public async Task Find_AgainAtOnce_AsksAwsOnlyWhenToldTo()
    {
        await using var account = await Account.StartAsync([Worlds.One]);
        await account.FindAsync();
        account.Emulator.ApiFaults.Fail("DescribeDBInstances", "AccessDenied", statusCode: 403);
        Assert.Empty((await account.FindAsync()).Failures);
        Assert.Single((await account.FindAsync(refresh: true)).Failures);
    }

    [Fact]
    public async Task Find_ReaderStops_EndsTheSearch()
    {
        await using var account = await Account.StartAsync([Worlds.Many(Account.Region, 2000)]);
        await foreach (var batch in account.Databases.FindAsync([new AwsScope()], refresh: false, CancellationToken.None))
        {
            if (batch.Databases.Count > 0)
            {
                break;
            }
        }
    }
}
