namespace RdsTunnel.DataChannels.Messaging;

/// <summary>Two clocks: one that always runs, and one that stands still while there is no link. Not thread-safe.</summary>
internal sealed class ConnectedClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _connectedBefore;
    private TimeSpan? _connectedSince;

    public TimeSpan Now => time.GetElapsedTime(_start);

    public TimeSpan ConnectedNow => _connectedBefore + (_connectedSince is { } since ? Now - since : TimeSpan.Zero);

    public void OnConnected() => _connectedSince ??= Now;

    public void OnDisconnected()
    {
        _connectedBefore = ConnectedNow;
        _connectedSince = null;
    }
}
