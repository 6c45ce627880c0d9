namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>What a tunnel's connections have moved. Thread-safe.</summary>
internal sealed class ForwardingCounters
{
    private int _connectionsNow;
    private long _connectionsTotal;
    private long _bytesUp;
    private long _bytesDown;

    public int ConnectionsNow => Volatile.Read(ref _connectionsNow);

    public long ConnectionsTotal => Interlocked.Read(ref _connectionsTotal);

    public long BytesUp => Interlocked.Read(ref _bytesUp);

    public long BytesDown => Interlocked.Read(ref _bytesDown);

    public void OnAccepted()
    {
        Interlocked.Increment(ref _connectionsNow);
        Interlocked.Increment(ref _connectionsTotal);
    }

    public void OnClosed() => Interlocked.Decrement(ref _connectionsNow);

    public void AddUp(long bytes) => Interlocked.Add(ref _bytesUp, bytes);

    public void AddDown(long bytes) => Interlocked.Add(ref _bytesDown, bytes);
}
