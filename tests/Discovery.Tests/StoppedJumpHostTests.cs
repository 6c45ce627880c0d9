using RdsTunnel.Aws;

namespace RdsTunnel.Discovery.Tests;

/// <summary>Stopped instances as jump hosts: below those that run, and started only for a good reason.</summary>
public sealed class StoppedJumpHostTests
{
    private const string Tag = "rds-tunnel:jump-host";
    private const string Orders = "orders.abc.eu-west-1.rds.amazonaws.com";
    private const string Stopped = "stopped: starts in about 40 s";

    [Fact]
    public async Task Find_OneRunsToo_RanksItBelowAndOffersItNot()
    {
        await using var account = await Account.StartAsync(
            [Worlds.One],
            [
                new("i-0stopped")
                {
                    IsStopped = true,
                    Tags = new Dictionary<string, string> { [Tag] = "" },
                },
                new("i-0away", IsOnline: false),
                new("i-0runs"),
            ]
        );
        var found = await FindAsync(account);
        Assert.Equal(["i-0runs", "i-0stopped", "i-0away"], found.JumpHosts.Select(each => each.Target));
        Assert.Equal(("i-0runs", null), (found.Recommended, found.Startable));
        Assert.Equal([null, true, null], found.JumpHosts.Select(each => each.CanStart));
        Assert.Equal((Verdict.Against, Stopped), (found.JumpHosts[1].Reasons[0].Verdict, found.JumpHosts[1].Reasons[0].Message));
    }

    [Fact]
    public async Task Find_NoneRuns_OffersTheOneThatTheDatabaseLetsIn()
    {
        await using var account = await Account.StartAsync([Worlds.One], [new("i-0stopped") { IsStopped = true }]);
        var found = await FindAsync(account);
        Assert.Equal((null, "i-0stopped"), (found.Recommended, found.Startable));
        Assert.Equal(
            "jump-host (i-0stopped) is stopped. Start it, or let the tunnel start it when it is needed (startJumpHost).",
            found.Advice
        );
    }

    [Fact]
    public async Task Find_OnlyItsNetworkSpeaksForIt_IsListedButNotOffered()
    {
        await using var account = await Account.StartAsync(
            [Worlds.One with { SecurityGroups = [] }],
            [new("i-0stopped") { IsStopped = true }]
        );
        var found = await FindAsync(account);
        Assert.True(Assert.Single(found.JumpHosts).CanStart);
        Assert.Null(found.Startable);
    }

    [Fact]
    public async Task Find_SystemsManagerHasForgottenIt_FindsItByItsNetworkIfItHasAProfile()
    {
        await using var account = await Account.StartAsync(
            [Worlds.One],
            [
                new("i-0forgotten") { IsStopped = true, IsManaged = false },
                new("i-0bare")
                {
                    IsStopped = true,
                    IsManaged = false,
                    HasProfile = false,
                },
                new("i-0elsewhere")
                {
                    IsStopped = true,
                    IsManaged = false,
                    VpcId = "vpc-0z",
                },
            ]
        );
        var found = await FindAsync(account);
        var only = Assert.Single(found.JumpHosts);
        Assert.Equal("i-0forgotten", only.Target);
        Assert.Contains(only.Reasons, reason => reason.Message == "Systems Manager hasn't seen an agent on it lately");
        Assert.Equal("i-0forgotten", found.Startable);
    }

    [Fact]
    public async Task Find_AgentIsTooOld_CanNotBeStarted()
    {
        await using var account = await Account.StartAsync([Worlds.One], [new("i-0old", "3.0.1.0") { IsStopped = true }]);
        var found = await FindAsync(account);
        Assert.Null(Assert.Single(found.JumpHosts).CanStart);
        Assert.Null(found.Startable);
    }

    private static Task<JumpHostList> FindAsync(Account account) =>
        account.JumpHosts.FindAsync(new AwsScope(), new DatabaseAddress(Orders, 5432), Tag, refresh: true, CancellationToken.None);
}
