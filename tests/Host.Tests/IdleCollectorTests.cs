namespace RdsTunnel.Host.Tests;

public sealed class IdleCollectorTests
{
    private readonly IdleCollector _collector;
    private long _bytes;
    private int _collections;

    public IdleCollectorTests() => _collector = new IdleCollector(() => _bytes, () => _collections++, TimeProvider.System);

    [Fact]
    public void Look_TrafficHasEnded_CollectsOnce()
    {
        _bytes = 10_000_000;
        _collector.Look();
        Assert.Equal(0, _collections);
        _collector.Look();
        _collector.Look();
        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Look_TrafficGoesOn_DoesNotCollect()
    {
        for (var i = 0; i < 20; i++)
        {
            _bytes += 10_000_000;
            _collector.Look();
        }

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Look_SmallTalk_DoesNotCollect()
    {
        for (var i = 0; i < 20; i++)
        {
            _bytes += i % 3 == 0 ? 100 : 0;
            _collector.Look();
        }

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Look_TunnelWithTrafficWasClosed_Collects()
    {
        _bytes = 10_000_000;
        _collector.Look();
        _bytes = 0;
        _collector.Look();
        Assert.Equal(0, _collections);
        _bytes = 2_000_000;
        _collector.Look();
        _collector.Look();
        Assert.Equal(1, _collections);
    }
}
