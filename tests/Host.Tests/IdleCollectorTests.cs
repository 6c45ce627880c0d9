using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

public sealed class IdleCollectorTests
{
    private readonly CountedTunnels _tunnels = new();
    private readonly IdleCollector _collector;
    private int _collections;

    public IdleCollectorTests() => _collector = new IdleCollector(_tunnels, () => _collections++, TimeProvider.System);

    [Fact]
    public void Look_TrafficHasEnded_CollectsOnce()
    {
        _tunnels.Bytes = 10_000_000;
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
            _tunnels.Bytes += 10_000_000;
            _collector.Look();
        }

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Look_SmallTalk_DoesNotCollect()
    {
        for (var i = 0; i < 20; i++)
        {
            _tunnels.Bytes += i % 3 == 0 ? 100 : 0;
            _collector.Look();
        }

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Look_TunnelWithTrafficWasClosed_Collects()
    {
        _tunnels.Bytes = 10_000_000;
        _collector.Look();
        _tunnels.Bytes = 0;
        _collector.Look();
        Assert.Equal(0, _collections);
        _tunnels.Bytes = 2_000_000;
        _collector.Look();
        _collector.Look();
        Assert.Equal(1, _collections);
    }

    private sealed class CountedTunnels : ITunnels
    {
        public event Action<TunnelInfo>? StateChanged { add { } remove { } }

        public long Bytes { get; set; }

        public Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CloseAsync(string tunnelId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IReadOnlyList<TunnelInfo> List() =>
        [
            new TunnelInfo("t", new TunnelRequest { Port = 1, Target = "i-1" }, "i-1", 1, TunnelState.Open, null, null, new(1, 1, Bytes, 0, null, 0, 0, 1, 1)),
        ];

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
