namespace RdsTunnel.Host;

/// <summary>Gives the memory that traffic has taken back to the system once the traffic is over: a
/// process that allocates nothing any more never
/// collects by itself, and an editor's sidecar is idle for most of the day.</summary>
/// <param name="bytesCarried">By all tunnels that are open; falls when one is closed.</param>
internal sealed class IdleCollector(Func<long> bytesCarried, Action collect, TimeProvider time)
{
    /// <summary>Short enough to be noticed by nobody but the system, long enough that no query waits for a collection.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>What is worth a collection: less than this is the small talk of idle connections.</summary>
    private const long MinBytes = 1024 * 1024;

    private long _bytes;
    private long _collectedAtBytes;

    /// <summary>A few tens of milliseconds, in which nothing else runs.</summary>
    public static void CollectAll() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            Look();
        }
    }

    /// <summary>Collects if there was traffic, and there has been none since the last look.</summary>
    public void Look()
    {
        var before = _bytes;
        _bytes = bytesCarried();
        if (_bytes == before && Math.Abs(_bytes - _collectedAtBytes) >= MinBytes)
        {
            collect();
            _collectedAtBytes = _bytes;
        }
    }
}
