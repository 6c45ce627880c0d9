namespace RdsTunnel.Smux;

/// <summary>Sends a NOP at every interval, and notices a peer from which nothing at all arrives.</summary>
internal sealed class KeepAlive(WriteLoop writing, TimeSpan interval, TimeSpan timeout, TimeProvider time) : IFrameSource
{
    private int _turnQueued;
    private long _lastReceived = time.GetTimestamp();

    public void OnReceived() => Volatile.Write(ref _lastReceived, time.GetTimestamp());

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(Volatile.Read(ref _lastReceived)) >= timeout)
                throw new SmuxException(SmuxError.KeepAliveTimeout, $"Nothing arrived from the peer for {timeout.TotalSeconds:0} s.");
            if (Interlocked.Exchange(ref _turnQueued, 1) == 0)
                writing.QueueTurn(this);
        }
    }

    public void WriteTurn(FrameWriter writer)
    {
        Interlocked.Exchange(ref _turnQueued, 0);
        writer.Write(FrameCommand.Nop, streamId: 0);
    }
}
