using RdsTunnel.Aws;
using RdsTunnel.Discovery.Tests.Names;

namespace RdsTunnel.Discovery.Tests;

public sealed class IamTokensTests
{
    private const string Instance = "archive.abc123.eu-central-1.rds.amazonaws.com",
        Cluster = "orders.cluster-abc123.us-east-1.rds.amazonaws.com",
        Global = "orders.global-abc123.global.rds.amazonaws.com";

    [Theory]
    [InlineData(Instance, Instance, "eu-central-1")]
    [InlineData("Archive.ABC123.eu-central-1.RDS.amazonaws.com.", Instance, "eu-central-1")]
    [InlineData(
        "pooled.endpoint.proxy-xyz.rds.cn-north-1.amazonaws.com.cn",
        "pooled.endpoint.proxy-xyz.rds.cn-north-1.amazonaws.com.cn",
        "cn-north-1"
    )]
    public async Task Create_ANameWithItsRegion_IsSignedForThat(string host, string expected, string region)
    {
        await using var account = await Account.StartAsync([]);
        var token = await CreateAsync(account, host);
        Assert.Equal((expected, region, null), (token.Host, token.Region, token.Hint));
        Assert.StartsWith($"{expected}:5432/?Action=connect&DBUser=jane&", token.Token, StringComparison.Ordinal);
        Assert.Contains($"%2F{region}%2Frds-db%2Faws4_request", token.Token, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("db.corp.example", Instance, "eu-central-1", Instance)]
    [InlineData("db.corp.example", Cluster, "us-east-1", "inner.corp.example", Cluster, "orders-1.abc123.us-east-1.rds.amazonaws.com")]
    [InlineData("db.corp.example", Instance, "eu-central-1", Instance, "ec2-1-2-3-4.eu-central-1.compute.amazonaws.com")]
    [InlineData("db.corp.example", Cluster, "us-east-1", Global, Cluster)]
    [InlineData(Global, Cluster, "us-east-1", Cluster)]
    public async Task Create_AnAlias_IsSignedForTheFirstNameBehindIt(string host, string expected, string region, params string[] aliases)
    {
        await using var account = await Account.StartAsync([]);
        var token = await CreateAsync(account, host, "jane", aliases);
        Assert.Equal((expected, region), (token.Host, token.Region));
    }

    [Fact]
    public async Task Create_AGlobalNameThatNobodyCanPlace_TellsWhichRegionWasTaken()
    {
        await using var account = await Account.StartAsync([]);
        var token = await CreateAsync(account, Global);
        Assert.Equal((Global, Account.Region), (token.Host, token.Region));
        Assert.Contains(Account.Region, token.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("fd00::1")]
    [InlineData("LocalHost.")]
    [InlineData("db.corp.example")]
    [InlineData("db.corp.example", "db.other.example")]
    [InlineData("archive.abc123.eu-central-1.rds.amazonaws.com.evil.example")]
    [InlineData("figures.abc123.eu-west-1.redshift.amazonaws.com")]
    [InlineData("db.corp.example", "events.abc123.docdb.eu-west-1.amazonaws.com")]
    [InlineData("sessions.abc123.ng.0001.euw1.cache.amazonaws.com")]
    [InlineData("pages.abc123.cfg.euw1.cache.amazonaws.com")]
    public async Task Create_ANameThatNobodySignsFor_IsRefusedWithTheReason(string host, params string[] aliases)
    {
        await using var account = await Account.StartAsync([]);
        var refusal = await Assert.ThrowsAsync<AwsException>(() => CreateAsync(account, host, "jane", aliases));
        Assert.Equal(AwsErrorCode.InvalidAddress, refusal.Code);
        Assert.Contains(
            HostName.Normalize(aliases is [var alias] && alias.EndsWith("amazonaws.com", StringComparison.Ordinal) ? alias : host),
            refusal.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("jane", "DbConnect&")]
    [InlineData("admin", "DbConnectAdmin&")]
    public async Task Create_Dsql_IsATokenOfItsOwn(string user, string action)
    {
        await using var account = await Account.StartAsync([]);
        var token = await CreateAsync(account, "abc123.dsql.us-east-1.on.aws", user);
        Assert.StartsWith($"abc123.dsql.us-east-1.on.aws/?Action={action}", token.Token, StringComparison.Ordinal);
        Assert.Contains("%2Fus-east-1%2Fdsql%2Faws4_request", token.Token, StringComparison.Ordinal);
        Assert.DoesNotContain("DBUser", token.Token, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("master.sessions.abc123.euw1.cache.amazonaws.com", "sessions", "eu-west-1", "elasticache")]
    [InlineData("sessions-0002-001.sessions.abc123.euw1.cache.amazonaws.com", "sessions", "eu-west-1", "elasticache")]
    [InlineData("clustercfg.my-sessions.abc123.cnn1.cache.amazonaws.com.cn", "my-sessions", "cn-north-1", "elasticache")]
    [InlineData("clustercfg.carts.abc123.memorydb.eu-central-1.amazonaws.com", "carts", "eu-central-1", "memorydb")]
    public async Task Create_ACache_IsSignedForItsName(string host, string name, string region, string service)
    {
        await using var account = await Account.StartAsync([]);
        var token = await CreateAsync(account, host);
        Assert.Equal((host, region), (token.Host, token.Region));
        Assert.StartsWith($"{name}/?Action=connect&User=jane&X-Amz-", token.Token, StringComparison.Ordinal);
        Assert.Contains($"%2F{region}%2F{service}%2Faws4_request", token.Token, StringComparison.Ordinal);
        Assert.DoesNotContain("ServerlessCache", token.Token, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pages-abc123.serverless.euw1.cache.amazonaws.com", "pages")]
    [InlineData("my-pages-abc123.serverless.euw1.cache.amazonaws.com", "my-pages")]
    public async Task Create_AServerlessCache_SaysSo(string host, string name)
    {
        await using var account = await Account.StartAsync([]);
        var token = (await CreateAsync(account, host)).Token;
        Assert.StartsWith($"{name}/?Action=connect&", token, StringComparison.Ordinal);
        Assert.Contains("&ResourceType=ServerlessCache&", token, StringComparison.Ordinal);
    }

    private static Task<Aws.Inventory.IamToken> CreateAsync(Account account, string host, string user = "jane", params string[] aliases) =>
        account.TokensBy(new FakeNames(aliases)).CreateAsync(new AwsScope(), host, 5432, user, CancellationToken.None);
}
