using RdsTunnel.Aws;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Discovery.Tests;

/// <summary>Which instance takes a cluster's writes, as AWS tells it.</summary>
public sealed class WriterTests
{
    private const string Host = "sales.cluster-abc.eu-west-1.rds.amazonaws.com";

    private static readonly EmulatedRegion Region = EmulatedRegion.Empty(Account.Region) with
    {
        Clusters =
        [
            new("other", "aurora-postgresql", "16.4", "other.cluster-abc.eu-west-1.rds.amazonaws.com", null, [], 5432, [])
            {
                Members = ["other-1"],
            },
            new("sales", "aurora-postgresql", "16.4", Host, null, [], 5432, []) { Members = ["sales-1", "sales-2"] },
        ],
    };

    [Fact]
    public async Task FindWriterAsync_ClusterFailsOver_TellsTheOther()
    {
        await using var account = await Account.StartAsync([
            Region with
            {
                Clusters = [.. Region.Clusters.Select(cluster => cluster with { })],
            },
        ]);
        Assert.Equal("sales-1", await account.Inventory.FindWriterAsync(Host, CancellationToken.None));
        account.Emulator.FailOver("sales");
        Assert.Equal(
            "sales-2",
            await account.Inventory.FindWriterAsync("Sales.CLUSTER-abc.eu-west-1.rds.amazonaws.com.", CancellationToken.None)
        );
    }

    [Fact]
    public async Task FindWriterAsync_AnotherClusterHasTheName_IsNull()
    {
        await using var account = await Account.StartAsync([Region]);
        Assert.Null(await account.Inventory.FindWriterAsync("sales.cluster-xyz.eu-west-1.rds.amazonaws.com", CancellationToken.None));
    }

    [Fact]
    public async Task FindWriterAsync_NotAllowed_SaysWhatIsMissing()
    {
        await using var account = await Account.StartAsync([Region], null, "rds:DescribeDBClusters");
        var e = await Assert.ThrowsAsync<AwsException>(() => account.Inventory.FindWriterAsync(Host, CancellationToken.None));
        Assert.Equal((AwsErrorCode.AccessDenied, "rds:DescribeDBClusters"), (e.Code, e.Action));
    }
}
