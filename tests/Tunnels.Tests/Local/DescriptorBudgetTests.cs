using RdsTunnel.Tunnels.Local;

namespace RdsTunnel.Tunnels.Tests.Local;

public sealed class DescriptorBudgetTests
{
    [Theory]
    [InlineData(20_000, 19_744)]
    [InlineData(1_024, 768)]
    [InlineData(256, 85)]
    [InlineData(64, 21)]
    [InlineData(null, int.MaxValue)]
    public void MostOf_ALimit_LeavesSomeToTheRest(int? limit, int most) => Assert.Equal(most, DescriptorBudget.MostOf(limit));

    [Fact]
    public void TryTakeConnection_AllTaken_IsFalseUntilOneIsReturned()
    {
        var budget = new DescriptorBudget(2);
        Assert.True(budget.TryTakeConnection());
        Assert.True(budget.TryTakeConnection());
        Assert.False(budget.TryTakeConnection());
        Assert.False(budget.TryTakeConnection());
        budget.ReturnConnection();
        Assert.True(budget.TryTakeConnection());
        Assert.False(budget.TryTakeConnection());
    }

    [Fact]
    public void TryTakeTunnel_HalfIsTaken_LeavesTheRestToConnections()
    {
        var budget = new DescriptorBudget(20);
        Assert.True(budget.TryTakeTunnel());
        Assert.True(budget.TryTakeTunnel());
        Assert.False(budget.TryTakeTunnel());
        Assert.Equal(12, Enumerable.Range(0, 100).TakeWhile(_ => budget.TryTakeConnection()).Count());
        budget.ReturnTunnel();
        Assert.False(budget.TryTakeTunnel() && budget.TryTakeConnection());
    }

    [Fact]
    public void TryTakeTunnel_ConnectionsHaveAll_IsFalseButForTheFirst()
    {
        var budget = new DescriptorBudget(20);
        while (budget.TryTakeConnection()) { }

        Assert.True(budget.TryTakeTunnel());
        Assert.False(budget.TryTakeTunnel());
        Assert.False(budget.TryTakeConnection());
    }

    [Fact]
    public void TryTake_NoLimitIsKnown_GivesToAll()
    {
        var budget = new DescriptorBudget(DescriptorBudget.MostOf(null));
        for (var i = 0; i < 1_000; i++)
        {
            Assert.True(budget.TryTakeTunnel());
            Assert.True(budget.TryTakeConnection());
        }
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
