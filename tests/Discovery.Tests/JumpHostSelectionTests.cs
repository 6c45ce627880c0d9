using RdsTunnel.Aws;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Discovery.Tests;

/// <summary>Which jump host a tunnel may take by itself: worlds, and what is known in them.</summary>
public sealed class JumpHostSelectionTests
{
    private const string Tag = "rds-tunnel:jump-host";
    private const string Legacy = "legacy.abc123.eu-west-1.rds.amazonaws.com";
    private const string Own = "orders-db.corp.example";
    private const string JumpA = "i-0aaaaaaaaaaaaaaaa";
    private const string WebServer = "i-0bbbbbbbbbbbbbbbb";

    /// <summary>A jump host of the database's VPC, a web server and a build server of two others, and a PC in the office.</summary>
    private static readonly EmulatedInstance[] Instances =
    [
        new(JumpA, Name: "jump-a") { SecurityGroupIds = ["sg-0jump"] },
        new(WebServer, Name: "web-server") { VpcId = "vpc-0z", SecurityGroupIds = ["sg-0web"] },
        new("i-0cccccccccccccccc", Name: "jenkins") { VpcId = "vpc-0y", SecurityGroupIds = ["sg-0ci"] },
        new("mi-0ddddddddddddddd0", Name: "OFFICE-PC-7", PlatformName: "Microsoft Windows 11 Pro") { VpcId = null },
    ];

    private static readonly EmulatedRegion World = EmulatedRegion.Empty(Account.Region) with
    {
        Databases = [new("legacy", "postgres", "16.4", Legacy, 5432, Worlds.Vpc, ["sg-0legacy"])],
        SecurityGroups = [new("sg-0legacy", Worlds.Vpc, [new(5432, 5432, ["sg-0jump"], [], [])])],
        Vpcs =
        [
            new(Worlds.Vpc, ["10.0.0.0/16", "100.64.0.0/16"]),
            new("vpc-0z", ["10.1.0.0/16", "172.31.0.0/16"]),
            new("vpc-0y", ["172.31.0.0/16"]),
        ],
    };

    [Theory]
    [InlineData(Legacy)]
    [InlineData(Legacy + ".")]
    [InlineData("LEGACY.abc123.EU-WEST-1.rds.amazonaws.com.")]
    public async Task Find_ListedHostInAnySpelling_RecommendsTheOneThatIsAllowed(string host) =>
        Assert.Equal(JumpA, await RecommendedAsync(host));

    // Its own name has neither network nor security groups: those of the regional cluster count.
    [Theory]
    [InlineData("world.global-abc.global.rds.amazonaws.com", "eu-west-1", JumpA)]
    [InlineData("World.global-abc.global.rds.amazonaws.com.", "eu-west-1", JumpA)]
    [InlineData("orders-everywhere.corp.example", "eu-west-1", JumpA)]
    [InlineData("world.global-abc.global.rds.amazonaws.com", "us-east-1", null)] // the writer is elsewhere
    public async Task Find_WriterOfAGlobalCluster_RecommendsTheOneThatItsRegionalClusterAllows(
        string host,
        string writersRegion,
        string? expected
    )
    {
        const string Global = "world.global-abc.global.rds.amazonaws.com";
        var world = World with
        {
            Clusters =
            [
                new(
                    "world-west",
                    "aurora-postgresql",
                    "16.4",
                    "world-west.cluster-abc.eu-west-1.rds.amazonaws.com",
                    null,
                    [],
                    5432,
                    ["sg-0legacy"]
                ),
            ],
            GlobalClusters =
            [
                new("world", "aurora-postgresql", "16.4", Global, $"arn:aws:rds:{writersRegion}:111122223333:cluster:world-west"),
            ],
        };
        await using var account = await Account.StartAsync([world], Instances);
        account.Names.Add("orders-everywhere.corp.example", [Global]);

        Assert.Equal(expected, (await FindAsync(account, host)).Recommended);
    }

    [Fact]
    public async Task Find_NameOfTheCompanysOwn_IsFollowedToTheListedOne()
    {
        await using var account = await Account.StartAsync([World], Instances);
        account.Names.Add(Own, ["db.internal.corp.example", Legacy, "ec2-203-0-113-7.eu-west-1.compute.amazonaws.com"]);

        var found = await FindAsync(account, Own);

        Assert.Equal(JumpA, found.Recommended);
        Assert.Null(found.Advice);
    }

    [Theory]
    [InlineData("10.0.3.7", JumpA)]
    [InlineData("100.64.0.1", JumpA)]
    [InlineData("10.1.0.9", WebServer)]
    [InlineData("172.31.0.9", null)] // two VPCs have it
    [InlineData("192.168.1.1", null)] // none has it
    [InlineData("127.0.0.1", null)]
    [InlineData("203.0.113.7", null)]
    public async Task Find_Address_SpeaksForTheVpcThatAloneHasIt(string address, string? expected)
    {
        Assert.Equal(expected, await RecommendedAsync(address));
        await using var account = await Account.StartAsync([World], Instances);
        account.Names.Add(Own, [], address);
        var found = await FindAsync(account, Own);
        Assert.Equal(expected, found.Recommended);
        if (expected is not null)
        {
            Assert.Contains(
                found.JumpHosts[0].Reasons,
                reason => reason.Criterion == JumpHostCriterion.Network && reason.Message.Contains(address, StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task Find_NothingIsKnown_RecommendsNoneAndNamesTheCandidates()
    {
        await using var account = await Account.StartAsync([World], Instances);

        var found = await FindAsync(account, Own);

        Assert.Null(found.Recommended);
        Assert.Equal(4, found.JumpHosts.Count(host => host is { IsUsable: true, IsSuitable: false }));
        Assert.Contains("jenkins (i-0cccccccccccccccc)", found.Advice, StringComparison.Ordinal);
        Assert.Contains("no database with this name", found.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_OneInstanceAndNoPermissions_IsStillAQuestion()
    {
        await using var account = await Account.StartAsync([World], [Instances[0]], "ec2:DescribeInstances", "ec2:DescribeSecurityGroups");

        var found = await FindAsync(account, Legacy);

        Assert.Null(found.Recommended);
        Assert.True(Assert.Single(found.JumpHosts).IsUsable);
        Assert.Contains("ec2:DescribeInstances", found.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_SecurityGroupsCannotBeRead_TheSameVpcIsEnough()
    {
        await using var account = await Account.StartAsync([World], Instances, "ec2:DescribeSecurityGroups");
        Assert.Equal(JumpA, (await FindAsync(account, Legacy)).Recommended);
    }

    [Fact]
    public async Task Find_VpcsCannotBeRead_IsAFailureBesideTheQuestion()
    {
        await using var account = await Account.StartAsync([World], Instances, "ec2:DescribeVpcs");

        var found = await FindAsync(account, "10.0.3.7");

        Assert.Null(found.Recommended);
        Assert.Contains(found.Failures, failure => failure is { Action: "ec2:DescribeVpcs", Code: AwsErrorCode.AccessDenied });
        Assert.Contains("ec2:DescribeVpcs", found.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deleted", null)]
    [InlineData("active", WebServer)]
    public async Task Find_BlockOfAddresses_SpeaksForAnotherVpcOnlyWhenThatIsPeered(string peering, string? expected)
    {
        // All instances have the same address: what is allowed in one VPC is not allowed in all.
        await using var account = await Account.StartAsync(
            [
                World with
                {
                    SecurityGroups = [new("sg-0legacy", Worlds.Vpc, [new(5432, 5432, [], ["10.0.0.0/8"], [])])],
                    Peerings = [new("vpc-0z", Worlds.Vpc) { Status = peering }],
                },
            ],
            Instances[1..]
        );
        Assert.Equal(expected, (await FindAsync(account, Legacy)).Recommended);
    }

    [Fact]
    public async Task Find_PeeredVpcAlone_IsNotEnough()
    {
        await using var account = await Account.StartAsync(
            [World with { Peerings = [new("vpc-0z", Worlds.Vpc)] }],
            Instances[1..],
            "ec2:DescribeSecurityGroups"
        );
        var found = await FindAsync(account, Legacy);
        Assert.Null(found.Recommended);
        Assert.Equal(WebServer, found.JumpHosts[0].Target);
    }

    [Fact]
    public async Task Find_TagOfTheTeam_SpeaksForAHostOfWhichNothingElseIsKnown()
    {
        await using var account = await Account.StartAsync(
            [World],
            [
                .. Instances,
                new("i-0tagged")
                {
                    VpcId = "vpc-0t",
                    Tags = new Dictionary<string, string> { [Tag] = "" },
                },
            ]
        );
        Assert.Equal("i-0tagged", (await FindAsync(account, Own)).Recommended);
    }

    [Fact]
    public async Task Find_OneFailed_RecommendsTheNextThatSomethingSpeaksFor_AndTheFirstAgainAfterAWhile()
    {
        EmulatedInstance[] instances =
        [
            new("i-0a") { Tags = new Dictionary<string, string> { [Tag] = "" } },
            new("i-0b"),
            .. Instances[1..],
        ];
        await using var account = await Account.StartAsync([World], instances);
        Assert.Equal("i-0a", (await FindAsync(account, Legacy)).Recommended);

        account.Memory.OnFailed(new AwsScope(), Legacy, 5432, "i-0a", hadSession: true);
        var found = await FindAsync(account, Legacy);
        Assert.Equal("i-0b", found.Recommended);
        Assert.True(found.HasAnother(account.Memory.Recall(new AwsScope(), Legacy, 5432)));
        Assert.Contains(
            found.JumpHosts[0].Reasons,
            reason => reason is { Criterion: JumpHostCriterion.Experience, Verdict: Verdict.Against }
        );

        account.Time.Advance(JumpHostMemory.AvoidedFor);
        Assert.Equal("i-0a", (await FindAsync(account, Legacy)).Recommended);
    }

    [Fact]
    public async Task Find_TheOnlyOneFailed_HasNoOther()
    {
        await using var account = await Account.StartAsync([World], Instances);
        var found = await FindAsync(account, Legacy);
        Assert.True(found.HasAnother(account.Memory.Recall(new AwsScope(), Legacy, 5432)));

        account.Memory.OnFailed(new AwsScope(), Legacy, 5432, JumpA, hadSession: true);

        Assert.False(found.HasAnother(account.Memory.Recall(new AwsScope(), Legacy, 5432)));
    }

    [Fact]
    public async Task Find_OneWorkedWhereAnotherFailed_StaysWithIt()
    {
        EmulatedInstance[] instances = [new("i-0a") { Tags = new Dictionary<string, string> { [Tag] = "" } }, new("i-0b")];
        await using var account = await Account.StartAsync([World], instances);
        account.Memory.OnFailed(new AwsScope(), Legacy, 5432, "i-0a", hadSession: true);
        account.Memory.OnReached(new AwsScope(), Legacy, 5432, "i-0b");
        account.Time.Advance(JumpHostMemory.AvoidedFor);

        Assert.Equal("i-0b", (await FindAsync(account, "LEGACY.abc123.eu-west-1.rds.amazonaws.com.")).Recommended);
    }

    [Fact]
    public async Task Find_AllFailed_StaysWithTheFirst_AndDoesNotWalkThroughAll()
    {
        EmulatedInstance[] instances = [.. Enumerable.Range(0, 20).Select(i => new EmulatedInstance($"i-{i}"))];
        await using var account = await Account.StartAsync([World], instances);
        var tried = new List<string>();
        for (var connection = 0; connection < 30; connection++)
        {
            tried.Add((await FindAsync(account, Legacy)).Recommended!);
            account.Memory.OnFailed(new AwsScope(), Legacy, 5432, tried[^1], hadSession: true);
        }

        Assert.Equal(3, tried.Distinct().Count());
        Assert.Equal(tried[0], Assert.Single(tried.Skip(3).Distinct()));
    }

    [Fact]
    public async Task Find_Chosen_IsTakenThoughNothingSpeaksForIt_AndIsNotReplacedWhenItFails()
    {
        await using var account = await Account.StartAsync([World], Instances);
        account.Memory.Choose(new AwsScope(), Legacy, 5432, "i-0cccccccccccccccc");
        account.Memory.OnFailed(new AwsScope(), Legacy, 5432, "i-0cccccccccccccccc", hadSession: true);

        var found = await FindAsync(account, Legacy);

        Assert.Equal("i-0cccccccccccccccc", found.Recommended);
        Assert.Equal("i-0cccccccccccccccc", found.Chosen);
        account.Memory.Choose(new AwsScope(), Legacy, 5432, null);
        Assert.Equal(JumpA, (await FindAsync(account, Legacy)).Recommended);
    }

    [Fact]
    public async Task Find_ChosenIsOffline_TakesWhatSomethingSpeaksFor_OrAsksAgain()
    {
        await using var account = await Account.StartAsync([World], [.. Instances, new("i-0gone", IsOnline: false)]);
        account.Memory.Choose(new AwsScope(), Legacy, 5432, "i-0gone");
        account.Memory.Choose(new AwsScope(), Own, 5432, "i-0gone");

        Assert.Equal(JumpA, (await FindAsync(account, Legacy)).Recommended);
        Assert.Null((await FindAsync(account, Own)).Recommended);
    }

    [Fact]
    public async Task Find_ChosenIsNotListed_IsTakenUntilNoSessionCanBeStarted()
    {
        const string task = "ecs:cluster_task_runtime";
        await using var account = await Account.StartAsync([World], Instances);
        account.Memory.Choose(new AwsScope(), Own, 5432, task);
        Assert.Equal(task, (await FindAsync(account, Own)).Recommended);

        account.Memory.OnFailed(new AwsScope(), Own, 5432, task, hadSession: false);
        Assert.Null((await FindAsync(account, Own)).Recommended);
    }

    private static async Task<string?> RecommendedAsync(string host)
    {
        await using var account = await Account.StartAsync([World], Instances);
        return (await FindAsync(account, host)).Recommended;
    }

    private static Task<JumpHostList> FindAsync(Account account, string host) =>
        account.JumpHosts.FindAsync(new AwsScope(), new DatabaseAddress(host, 5432), Tag, refresh: false, CancellationToken.None);
}
