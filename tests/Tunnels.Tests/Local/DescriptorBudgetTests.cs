using RdsTunnel.Tunnels.Local;

namespace RdsTunnel.Tunnels.Tests.Local;

public sealed class DescriptorBudgetTests
{
    [Theory]
    [InlineData(20_000, 19_744)]
    [InlineData(1_024, 768)]
    [InlineData(256, 32)]
    [InlineData(64, 32)]
    [InlineData(null, int.MaxValue)]
    public void MostConnections_OfALimit_LeavesSomeToTheRest(int? limit, int most) =>
        Assert.Equal(most, DescriptorBudget.MostConnections(limit));

    [Fact]
    public void TryTake_AllTaken_IsFalseUntilOneIsReturned()
    {
        var budget = new DescriptorBudget(2);
        Assert.True(budget.TryTake());
        Assert.True(budget.TryTake());
        Assert.False(budget.TryTake());
        Assert.False(budget.TryTake());
        budget.Return();
        Assert.True(budget.TryTake());
        Assert.False(budget.TryTake());
    }

    [Theory]
    [InlineData(
        "Max processes             96364                96364                processes \nMax open files            1024                 524288               files     \n",
        1_024
    )]
    [InlineData("Max open files            unlimited            unlimited            files     \n", null)]
    [InlineData("nothing of the kind\n", null)]
    public void ReadLimit_AsTheKernelTells_IsTheSoftOne(string limits, int? expected)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, limits);
            Assert.Equal(expected, DescriptorBudget.ReadLimit(file));
            Assert.Null(DescriptorBudget.ReadLimit(file + ".none"));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
