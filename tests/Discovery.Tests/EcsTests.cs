using RdsTunnel.Aws;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Discovery.Tests;

public sealed class EcsTests
{
    private const string Tag = "rds-tunnel:jump-host";
    private const string Orders = "orders.abc.eu-west-1.rds.amazonaws.com";
    private const string Old = "ecs:production_0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1";
    private const string New = "ecs:production_0bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_0bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-1";

    private static readonly EcsServiceTarget Jump = new("production", "jump");

    [Fact]
    public async Task Find_ServiceThatIsLetIn_IsRecommendedAsAService()
    {
        await using var account = await Account.StartAsync([Worlds.One], [Task(Old), Task(New, startedAt: 2)]);
        var found = await FindAsync(account);
        Assert.Equal("ecs:production/jump", found.Recommended);
        var jumpHost = Assert.Single(found.JumpHosts);
        Assert.Equal(
            ("jump", "Fargate", Worlds.Vpc, "10.0.0.10"),
            (jumpHost.Name, jumpHost.Platform, jumpHost.VpcId, jumpHost.PrivateIpAddress)
        );
        Assert.Equal(
            ["ECS Exec is running", "same VPC", $"allowed by {Worlds.DatabaseGroup} on port 5432"],
            jumpHost.Reasons.Select(reason => reason.Message)
        );
        Assert.Empty(found.Failures);
    }

    [Fact]
    public async Task Find_TasksAndInstances_AreRankedTogether()
    {
        await using var account = await Account.StartAsync(
            [Worlds.One],
            [
                new("i-0plain"),
                Task(Old) with
                {
                    Tags = new Dictionary<string, string> { [Tag] = "" },
                },
                Task("ecs:production_0ccccccc_0ccccccc-1") with
                {
                    IsOnline = false,
                    Task = new("production", "starting"),
                },
                Task("ecs:production_0ddddddd_0ddddddd-1") with
                {
                    Task = new("production", "web") { HasExec = false },
                },
                Task("ecs:batch_0eeeeeee_0eeeeeee-1") with
                {
                    Task = new("batch", null),
                    SecurityGroupIds = ["sg-0other"],
                },
            ]
        );
        var found = await FindAsync(account);
        Assert.Equal(["ecs:production/jump", "i-0plain"], found.JumpHosts.Where(host => host.IsUsable).Select(host => host.Target));
        Assert.Equal(
            ["ecs:batch_0eeeeeee_0eeeeeee-1", "ecs:production/starting"],
            found.JumpHosts.Where(host => !host.IsUsable).Select(host => host.Target).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Find_EcsIsDenied_SaysSoOnlyWhereNothingElseIsFound()
    {
        await using var account = await Account.StartAsync([Worlds.One], [EmulatedInstance.Default], "ecs:ListClusters");
        Assert.Empty((await FindAsync(account)).ToShow().Failures);
        await using var another = await Account.StartAsync(
            [Worlds.One],
            [EmulatedInstance.Default with { SecurityGroupIds = ["sg-0other"] }],
            "ecs:ListClusters"
        );
        var failure = Assert.Single((await FindAsync(another)).ToShow().Failures);
        Assert.Equal(("ecs:ListClusters", AwsErrorCode.AccessDenied), (failure.Action, failure.Code));
    }

    [Fact]
    public async Task Find_InterfacesAreDenied_LeavesTheNetworkUnknown()
    {
        await using var account = await Account.StartAsync([Worlds.One], [Task(Old)], "ec2:DescribeNetworkInterfaces");
        var found = await FindAsync(account);
        Assert.Null(found.Recommended);
        Assert.Equal(Verdict.Unknown, found.JumpHosts[0].Reasons.Single(reason => reason.Criterion == JumpHostCriterion.Network).Verdict);
        Assert.Equal("ec2:DescribeNetworkInterfaces", Assert.Single(found.Failures).Action);
    }

    [Fact]
    public async Task Find_ManyClustersAndTasks_AreAllSeen()
    {
        var instances = Enumerable
            .Range(0, 230)
            .Select(i => Task($"ecs:one_{i:x32}_{i:x32}-1") with { Task = new("one", $"service-{i}") })
            .Concat(Enumerable.Range(0, 90).Select(i => Task($"ecs:c{i}_{i:x32}_{i:x32}-1") with { Task = new($"c{i}", "jump") }))
            .ToArray();
        await using var account = await Account.StartAsync([Worlds.One], instances);
        Assert.Equal(320, (await FindAsync(account)).JumpHosts.Count);
    }

    [Fact]
    public async Task Find_AfterADeployment_KnowsTheNewTasksNetwork()
    {
        await using var account = await Account.StartAsync([Worlds.One], [Task(Old)]);
        Assert.Equal("ecs:production/jump", (await FindAsync(account)).Recommended);
        account.Emulator.Deploy("production", "jump");
        Assert.Equal("ecs:production/jump", (await FindAsync(account)).Recommended);
    }

    [Fact]
    public async Task List_WithinAMinute_IsAnsweredFromBeforeUnlessRefreshed()
    {
        await using var account = await Account.StartAsync([Worlds.One], [Task(Old)]);
        Assert.True((await account.Inventory.ListTasksAsync(refresh: false, CancellationToken.None))[0].IsOnline);
        account.Emulator.ChangeInstance(Old, isOnline: false);
        Assert.True((await account.Inventory.ListTasksAsync(refresh: false, CancellationToken.None))[0].IsOnline);
        Assert.False((await account.Inventory.ListTasksAsync(refresh: true, CancellationToken.None))[0].IsOnline);
    }

    [Fact]
    public async Task FindTask_Several_TakesTheNewestThatIsReady()
    {
        await using var account = await Account.StartAsync([Worlds.One], [Task(Old), Task(New, startedAt: 2)]);
        Assert.Equal(New, await account.Inventory.FindTaskAsync(Jump, CancellationToken.None));
        account.Emulator.ChangeInstance(New, isOnline: false);
        Assert.Equal(Old, await account.Inventory.FindTaskAsync(Jump, CancellationToken.None));
        account.Emulator.ChangeInstance(Old, isOnline: false);
        var failure = await Assert.ThrowsAsync<AwsException>(() => account.Inventory.FindTaskAsync(Jump, CancellationToken.None));
        Assert.Equal(AwsErrorCode.TargetNotConnected, failure.Code);
        Assert.Contains("isn't running in any task", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindTask_WithoutEcsExec_SaysHowToEnableIt()
    {
        await using var account = await Account.StartAsync(
            [Worlds.One],
            [Task(Old) with { Task = new("production", "jump") { HasExec = false } }]
        );
        var failure = await Assert.ThrowsAsync<AwsException>(() => account.Inventory.FindTaskAsync(Jump, CancellationToken.None));
        Assert.Contains("enableExecuteCommand", failure.Message, StringComparison.Ordinal);
    }

    private static EmulatedInstance Task(string target, double startedAt = 1) =>
        new(target) { Task = new("production", "jump") { StartedAt = startedAt } };

    private static Task<JumpHostList> FindAsync(Account account) =>
        account.JumpHosts.FindAsync(new AwsScope(), new DatabaseAddress(Orders, 5432), Tag, refresh: false, CancellationToken.None);
}
