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
    ) =>
        Task.FromResult(
            new JumpHostList(
                [
                    new JumpHost(
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
                    ),
                ],
                [],
                Recommended: "i-1"
            )
        );

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
}
