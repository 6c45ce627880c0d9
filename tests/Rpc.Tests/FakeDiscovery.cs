using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Discovery.Names;

namespace RdsTunnel.Rpc.Tests;

/// <summary>Finds 250 databases on one page, and one failure.</summary>
internal sealed class FakeDiscovery : IDatabaseFinder, IJumpHostFinder, IInventories
{
    public DiscoveryMethods Methods() => new(this, this, Memory, this, new IamTokens(this, new HostNames(TimeProvider.System)));

    public JumpHostMemory Memory { get; }

    public FakeDiscovery() => Memory = new JumpHostMemory(this, file: null, TimeProvider.System, NullLogger<JumpHostMemory>.Instance);

    public async IAsyncEnumerable<DatabaseBatch> FindAsync(
        IReadOnlyList<AwsScope> scopes,
        bool refresh,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.Yield();
        yield return new DatabaseBatch([
            .. Enumerable
                .Range(0, 250)
                .Select(i => new Database(
                    $"arn:{i}",
                    $"db{i}",
                    DatabaseService.Rds,
                    DatabaseRole.Instance,
                    "postgres",
                    $"db{i}.example",
                    5432,
                    "eu-west-1",
                    ["sg-1"],
                    [],
                    [new Tag("team", "a")]
                )),
        ]);
        yield return new DatabaseBatch(
            [],
            new DiscoveryFailure("rds:DescribeDBProxies", AwsErrorCode.AccessDenied, "Not allowed.", "dev", "eu-west-1")
        );
    }

    public Task<JumpHostList> FindAsync(
        AwsScope scope,
        DatabaseAddress database,
        string jumpHostTag,
        bool refresh,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            new JumpHostList(
                [new JumpHost("i-1", true, true, true, [new JumpHostReason(JumpHostCriterion.Online, Verdict.For, "agent online")], [])],
                [],
                "i-1"
            )
        );

    public TimeSpan ClockOffset => TimeSpan.Zero;

    public IInventory InventoryOf(AwsScope scope) => throw new AwsException(AwsErrorCode.RegionMissing, "No region.");
}
