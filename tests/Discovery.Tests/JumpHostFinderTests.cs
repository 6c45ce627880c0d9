using RdsTunnel.Aws;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Discovery.Tests;

public sealed class JumpHostFinderTests
{
    private const string Tag = "rds-tunnel:jump-host";
    private const string Orders = "orders.abc.eu-west-1.rds.amazonaws.com";
    private const string Sales = "sales.cluster-abc.eu-west-1.rds.amazonaws.com";

    [Theory]
    [InlineData(Orders)]
    [InlineData(Sales)]
    public async Task Find_HostInTheSameVpcThatIsLetIn_IsRecommendedWithReasons(string host)
    {
        await using var account = await Account.StartAsync([Worlds.One]);
        var found = await FindAsync(account, host);
        Assert.Equal("i-0123456789abcdef0", found.Recommended);
        var jumpHost = Assert.Single(found.JumpHosts);
        Assert.True(jumpHost.IsUsable);
        Assert.All(jumpHost.Reasons, reason => Assert.Equal(Verdict.For, reason.Verdict));
        Assert.Equal(
            [JumpHostCriterion.Online, JumpHostCriterion.AgentVersion, JumpHostCriterion.Network, JumpHostCriterion.SecurityGroups],
            jumpHost.Reasons.Select(reason => reason.Criterion)
        );
        Assert.Null(found.Advice);
    }

    [Fact]
    public async Task Find_Several_OrdersThemByTheTeamsChoiceAndWhatIsKnown()
    {
        await using var account = await Account.StartAsync(
            [Worlds.One],
            [
                new("i-0offline", IsOnline: false),
                new("i-0old", "3.0.1000.0"),
                new("mi-0hybrid") { VpcId = null },
                new("i-0other-vpc") { VpcId = "vpc-0b" },
                new("i-0plain"),
                new("i-0chosen")
                {
                    Tags = new Dictionary<string, string> { [Tag] = "", ["Name"] = "jump" },
                },
                new("i-0locked-out") { SecurityGroupIds = ["sg-0other"] },
            ]
        );
        var found = await FindAsync(account, Orders);
        Assert.Equal(
            ["i-0chosen", "i-0plain", "i-0other-vpc", "mi-0hybrid"],
            found.JumpHosts.Where(host => host.IsUsable).Select(host => host.Target)
        );
        Assert.Equal("jump", found.JumpHosts[0].Name);
        Assert.Equal(
            ["i-0locked-out", "i-0offline", "i-0old"],
            found.JumpHosts.Where(host => !host.IsUsable).Select(host => host.Target).Order(StringComparer.Ordinal)
        );
        Assert.Equal(JumpHostCriterion.AgentVersion, found.JumpHosts.Single(host => host.Target == "i-0old").Reasons[0].Criterion);
    }

    [Theory]
    [InlineData("10.0.0.0/24", null, Verdict.For)]
    [InlineData("10.0.1.0/24", null, Verdict.Against)]
    [InlineData("0.0.0.0/0", null, Verdict.For)]
    [InlineData(null, "pl-0a", Verdict.Unknown)]
    [InlineData("nonsense", null, Verdict.Against)]
    public async Task Find_SecurityGroupsByAddress_AreJudged(string? block, string? prefixList, Verdict expected)
    {
        await using var account = await Account.StartAsync([
            Worlds.One with
            {
                SecurityGroups =
                [
                    Worlds.Group([
                        new EmulatedIngress(5000, 6000, [], block is null ? [] : [block], prefixList is null ? [] : [prefixList]),
                    ]),
                ],
            },
        ]);
        var found = await FindAsync(account, Orders);
        Assert.Equal(expected, found.JumpHosts[0].Reasons.Single(reason => reason.Criterion == JumpHostCriterion.SecurityGroups).Verdict);
    }

    [Theory]
    [InlineData("10.0.0.0/16", Verdict.For)]
    [InlineData("192.168.0.0/16", Verdict.Against)]
    public async Task Find_PrefixListOfTheRegion_IsLookedUp(string block, Verdict expected)
    {
        await using var account = await Account.StartAsync([
            Worlds.One with
            {
                SecurityGroups = [Worlds.Group([new EmulatedIngress(5432, 5432, [], [], ["pl-0a"])])],
                PrefixLists = new Dictionary<string, IReadOnlyList<string>> { ["pl-0a"] = [block] },
            },
        ]);
        var found = await FindAsync(account, Orders);
        Assert.Empty(found.Failures);
        Assert.Equal(expected, found.JumpHosts[0].Reasons.Single(reason => reason.Criterion == JumpHostCriterion.SecurityGroups).Verdict);
    }

    [Fact]
    public async Task Find_PeeredVpc_ComesBehindTheSameAndBeforeAnyOther()
    {
        EmulatedInstance[] instances =
        [
            new("i-0peered") { VpcId = "vpc-0peered", IPAddress = "10.1.0.1" },
            new("i-0same"),
            new("i-0other") { VpcId = "vpc-0other", IPAddress = "10.2.0.1" },
        ];
        await using var account = await Account.StartAsync(
            [
                Worlds.One with
                {
                    SecurityGroups = [Worlds.Group([new EmulatedIngress(5432, 5432, [], ["10.0.0.0/8"], [])])],
                    Peerings = [new("vpc-0peered", Worlds.Vpc), new("vpc-0other", Worlds.Vpc) { Status = "deleted" }],
                },
            ],
            instances
        );
        var found = await FindAsync(account, Orders);
        Assert.Equal(["i-0same", "i-0peered", "i-0other"], found.JumpHosts.Select(host => host.Target));
        Assert.Contains(
            found.JumpHosts[1].Reasons,
            reason =>
                reason is { Criterion: JumpHostCriterion.Network, Verdict: Verdict.For }
                && reason.Message.Contains("peered", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Find_EqualHosts_SpreadOverUsersAndStayTheSameForEach()
    {
        EmulatedInstance[] instances = [.. Enumerable.Range(0, 4).Select(i => new EmulatedInstance($"i-{i}"))];
        await using var account = await Account.StartAsync([Worlds.One], instances);
        var chosen = new List<string?>();
        foreach (var user in Enumerable.Range(0, 40).Select(i => $"user-{i}"))
        {
            var finder = account.JumpHostsFor(user);
            var first = (
                await finder.FindAsync(new AwsScope(), new DatabaseAddress(Orders, 5432), Tag, refresh: false, CancellationToken.None)
            ).Recommended;
            var again = (
                await finder.FindAsync(new AwsScope(), new DatabaseAddress(Orders, 5432), Tag, refresh: true, CancellationToken.None)
            ).Recommended;
            Assert.Equal(first, again);
            chosen.Add(first);
        }

        Assert.Equal(4, chosen.Distinct().Count());
    }

    [Fact]
    public async Task Find_PortIsNotOpen_SaysWhichGroups()
    {
        await using var account = await Account.StartAsync([
            Worlds.One with
            {
                SecurityGroups = [Worlds.Group([new EmulatedIngress(3306, 3306, [Worlds.JumpGroup], [], [])])],
            },
        ]);
        var found = await FindAsync(account, Orders);
        Assert.Null(found.Recommended);
        Assert.Contains("sg-0db", found.Advice, StringComparison.Ordinal);
        Assert.Contains("5432", found.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_NoneIsManaged_SaysWhatIsNeeded()
    {
        await using var account = await Account.StartAsync([Worlds.One], []);
        var found = await FindAsync(account, Orders);
        Assert.Empty(found.JumpHosts);
        Assert.Contains("AmazonSSMManagedInstanceCore", found.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_Ec2AndRdsAreDenied_ListsCandidatesAndRecommendsNone()
    {
        await using var account = await Account.StartAsync(
            [Worlds.One],
            null,
            "ec2:DescribeInstances",
            "ec2:DescribeSecurityGroups",
            "rds:DescribeDBInstances",
            "rds:DescribeDBClusters",
            "rds:DescribeDBProxies"
        );
        var found = await FindAsync(account, Orders);
        Assert.Null(found.Recommended);
        Assert.Equal("i-0123456789abcdef0", Assert.Single(found.JumpHosts).Target);
        Assert.Contains(found.Failures, failure => failure is { Action: "ec2:DescribeInstances", Code: AwsErrorCode.AccessDenied });
    }

    [Fact]
    public async Task Find_SsmIsDenied_IsTheFailure()
    {
        await using var account = await Account.StartAsync([Worlds.One], null, "ssm:DescribeInstanceInformation");
        var e = await Assert.ThrowsAsync<AwsException>(() => FindAsync(account, Orders));
        Assert.Equal(AwsErrorCode.AccessDenied, e.Code);
        Assert.Contains("ssm:DescribeInstanceInformation", e.Message, StringComparison.Ordinal);
    }

    private static Task<JumpHostList> FindAsync(Account account, string host) =>
        account.JumpHosts.FindAsync(new AwsScope(), new DatabaseAddress(host, 5432), Tag, refresh: false, CancellationToken.None);
}
