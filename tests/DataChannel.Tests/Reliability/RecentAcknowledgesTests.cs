using Microsoft.Extensions.Time.Testing;
using RdsTunnel.DataChannels.Reliability;

namespace RdsTunnel.DataChannels.Tests.Reliability;

public sealed class RecentAcknowledgesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecentAcknowledges _recent;

    public RecentAcknowledgesTests() => _recent = new RecentAcknowledges(_time);

    [Fact]
    public void TakeAll_GivesEachOnceTheOldestFirst()
    {
        Add(1, 2);

        Assert.Equal([1, 2], Taken());
        Assert.Empty(Taken());
    }

    [Fact]
    public void Add_MoreThanItHolds_DropsTheOldest()
    {
        Add([.. Enumerable.Range(0, RecentAcknowledges.Capacity + 2)]);

        Assert.Equal(Enumerable.Range(2, RecentAcknowledges.Capacity), Taken());
    }

    [Fact]
    public void Add_LongAfterOthers_DropsThem()
    {
        Add(1);
        _time.Advance(TimeSpan.FromSeconds(2));
        Add(2);
        _time.Advance(TimeSpan.FromSeconds(2));
        Add(3);

        Assert.Equal([2, 3], Taken());
    }

    [Fact]
    public void TakeAll_LongAfterTheLast_StillGivesIt()
    {
        Add(1);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal([1], Taken());
    }

    private void Add(params int[] sequenceNumbers) =>
        Array.ForEach(sequenceNumbers, sequenceNumber => _recent.Add(Guid.NewGuid(), sequenceNumber));

    private List<int> Taken() => [.. _recent.TakeAll().Select(acknowledge => (int)acknowledge.SequenceNumber)];
}
