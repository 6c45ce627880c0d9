using Microsoft.Extensions.Time.Testing;
using RdsTunnel.DataChannels.Reliability;

namespace RdsTunnel.DataChannels.Tests.Reliability;

public sealed class RepairWatchTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RepairWatch _watch;

    /// <summary>The node's clock, which is years away from this one.</summary>
    private long _nodeAhead = 1_800_000_000_000;

    public RepairWatchTests()
    {
        _watch = new RepairWatch(_time);
        _watch.OnAcknowledge(NodeNow);
    }

    private long NodeNow => _nodeAhead + (long)(_time.GetUtcNow() - _time.Start).TotalMilliseconds;

    [Fact]
    public void OnData_ComesStraightAway_IsNoRepair()
    {
        for (var i = 0; i < 100; i++)
        {
            Pass(milliseconds: 250);
            _watch.OnData(NodeNow - 80);
            Assert.False(_watch.MayBeRepairing);
        }
    }

    [Fact]
    public void OnData_WasMadeLongBefore_IsARepairUntilNoMoreComes()
    {
        var made = NodeNow;
        Pass(milliseconds: 3_000);
        _watch.OnData(made);
        Assert.True(_watch.IsRepairing);

        Pass(milliseconds: 1_900);
        Assert.True(_watch.IsRepairing);
        Pass(milliseconds: 200);
        Assert.False(_watch.IsRepairing);
    }

    [Fact]
    public void OnLink_DataWasOnItsWay_MayBeRepairingUntilSomethingNewComes()
    {
        Transfer();
        var lost = NodeNow;
        _watch.OnLinkLost();
        Pass(milliseconds: 50);
        _watch.OnLink();
        Assert.True(_watch.MayBeRepairing);
        Assert.False(_watch.IsRepairing);

        Pass(milliseconds: 100);
        _watch.OnData(lost); // as old as the link, as far as anybody can tell
        Assert.True(_watch.MayBeRepairing);
        Assert.False(_watch.IsRepairing);

        Pass(milliseconds: 1_000);
        _watch.OnData(lost);
        Assert.True(_watch.IsRepairing);

        Pass(milliseconds: 100);
        _watch.OnData(NodeNow);
        Assert.False(_watch.MayBeRepairing);
    }

    [Fact]
    public void OnLink_TookLongerThanMessagesDiffer_IsARepairAtOnce()
    {
        _watch.OnData(NodeNow);
        var lost = NodeNow;
        _watch.OnLinkLost();
        Pass(milliseconds: 500);
        _watch.OnLink();

        Pass(milliseconds: 100);
        _watch.OnData(lost); // young, but older than the link

        Assert.True(_watch.IsRepairing);
    }

    [Fact]
    public void OnLink_NothingHadArrivedForAWhile_IsNoRepair()
    {
        Transfer();
        Pass(milliseconds: 2_500);

        _watch.OnLinkLost();
        _watch.OnLink();

        Assert.False(_watch.MayBeRepairing);
    }

    [Fact]
    public void OnLink_AFewAnswersHadArrived_IsNoRepair()
    {
        for (var i = 0; i < 40; i++)
        {
            _watch.OnData(NodeNow);
            Pass(milliseconds: 100);
        }

        _watch.OnLinkLost();
        _watch.OnLink();

        Assert.False(_watch.MayBeRepairing);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(900)]
    public void OnLink_ATransferWentOnForAnyTime_MayBeRepairing(int milliseconds)
    {
        for (var i = 0; i < 1_000 + milliseconds; i += 3)
        {
            _watch.OnData(NodeNow);
            Pass(milliseconds: 3);
        }

        _watch.OnLinkLost();
        _watch.OnLink();

        Assert.True(_watch.MayBeRepairing);
    }

    [Fact]
    public void OnAcknowledge_NodesClockWasSet_TellsTheNewAge()
    {
        _nodeAhead -= 3_600_000;
        _watch.OnAcknowledge(NodeNow);

        _watch.OnData(NodeNow);

        Assert.False(_watch.IsRepairing);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void OnData_AnyStamp_IsTaken(long stamp)
    {
        _watch.OnAcknowledge(stamp);
        _watch.OnData(-stamp);
        _watch.OnData(stamp);

        Assert.False(_watch.IsRepairing);
    }

    private void Transfer()
    {
        for (var i = 0; i < 30; i++)
        {
            _watch.OnData(NodeNow);
        }
    }

    private void Pass(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
