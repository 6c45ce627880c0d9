using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

/// <summary>A selected jump host comes with its name and what spoke for it.</summary>
public sealed class BestJumpHostTests : IInventories, IJumpHostFinder
{
    private static readonly TunnelRequest Request = new() { Host = "db.corp.example", Port = 5432 };

    private static readonly JumpHost Bastion = new(
        "i-1",
        true,
        true,
        true,
        [
            new(JumpHostCriterion.Network, Verdict.For, "same VPC"),
            new(JumpHostCriterion.Tag, Verdict.Unknown, "unknown"),
            new(JumpHostCriterion.Online, Verdict.For, "agent online"),
        ],
        [],
        "bastion"
    );

    // What nothing is known of but that it answers.
    private static readonly JumpHost Unplaced = Bastion with { IsSuitable = false, Reasons = [] };

    private JumpHostList _found = new([Bastion], [], Recommended: "i-1");
    private readonly JumpHostMemory _memory;
    private readonly BestJumpHost _best;

    public BestJumpHostTests()
    {
        _memory = new JumpHostMemory(this, file: null, TimeProvider.System, NullLogger<JumpHostMemory>.Instance);
        _best = new BestJumpHost(this, _memory);
    }

    public TimeSpan ClockOffset => TimeSpan.Zero;

    public IInventory InventoryOf(AwsScope scope) => throw new AwsException(AwsErrorCode.RegionMissing, "No region.");

    public Task<JumpHostList> FindAsync(
        AwsScope scope,
        DatabaseAddress database,
        string jumpHostTag,
        bool refresh,
        CancellationToken cancellationToken
    ) => Task.FromResult(_found);

    [Fact]
    public async Task Select_BestOne_ComesWithItsNameAndWhatSpeaksForIt()
    {
        var selected = await _best.SelectAsync(Request, CancellationToken.None);
        Assert.Equal(("i-1", "bastion"), (selected.Target, selected.Name));
        Assert.Equal(["same VPC", "agent online"], selected.Reasons);
    }

    [Fact]
    public async Task Select_ChosenByItsUser_SaysSoFirst()
    {
        _memory.Choose(Request.Scope, Request.Host!, Request.Port, "i-1");
        Assert.Equal(["you chose it for this database"], (await _best.SelectAsync(Request, CancellationToken.None)).Reasons);

        _memory.Choose(Request.Scope, Request.Host!, Request.Port, null);
        await _best.SelectAsync(Request, CancellationToken.None);
        _memory.Choose(Request.Scope, Request.Host!, Request.Port, "i-1");
        var selected = await _best.SelectAsync(Request, CancellationToken.None);
        Assert.Equal("bastion", selected.Name);
        Assert.Equal(["you chose it for this database", "same VPC", "agent online"], selected.Reasons);
    }

    [Theory]
    [InlineData(AwsErrorCode.Unreachable)]
    [InlineData(AwsErrorCode.ServiceFault)]
    [InlineData(AwsErrorCode.Throttled)]
    public async Task Select_NetworkFailsHalfway_TakesWhatSpokeForItselfBefore(AwsErrorCode code)
    {
        await _best.SelectAsync(Request, CancellationToken.None);
        _found = new([Unplaced], [new DiscoveryFailure("ec2:DescribeInstances", code, "No answer.")]);
        for (var time = 0; time < 2; time++)
        {
            var selected = await _best.SelectAsync(Request, CancellationToken.None);
            Assert.Equal("i-1", selected.Target);
            Assert.Equal(["same VPC", "agent online"], selected.Reasons);
        }
    }

    [Fact]
    public async Task Select_NetworkFailsHalfwayAndTheJumpHostIsGone_DoesNotTakeIt()
    {
        await _best.SelectAsync(Request, CancellationToken.None);
        _found = new(
            [Unplaced with { Target = "i-2" }],
            [new DiscoveryFailure("ec2:DescribeInstances", AwsErrorCode.Unreachable, "No answer.")]
        );
        Assert.Equal(TunnelErrorCode.JumpHostChoiceNeeded, await CodeAsync());
    }

    [Fact]
    public async Task Select_NothingSpeaksForItAnyMore_AsksAPerson()
    {
        await _best.SelectAsync(Request, CancellationToken.None);
        _found = new([Unplaced], [new DiscoveryFailure("ec2:DescribeInstances", AwsErrorCode.AccessDenied, "Denied.")]);
        Assert.Equal(TunnelErrorCode.JumpHostChoiceNeeded, await CodeAsync());
    }

    private async Task<TunnelErrorCode> CodeAsync() =>
        (await Assert.ThrowsAsync<TunnelException>(() => _best.SelectAsync(Request, CancellationToken.None))).Code;
}
