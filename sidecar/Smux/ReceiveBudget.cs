namespace RdsTunnel.Smux;

/// <summary>Counts what all inboxes of a session hold, and says when it is too much. Thread-safe.</summary>
internal sealed class ReceiveBudget(SmuxOptions options)
{
    private long _bufferedBytes;
    private long _heldBytes;
    private int _congestedStreams;
    private TaskCompletionSource? _room;

    /// <summary>Data that waits for local readers.</summary>
    public long BufferedBytes => Interlocked.Read(ref _bufferedBytes);

    /// <summary>Memory that holds this data.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    public bool IsCongested => Volatile.Read(ref _congestedStreams) > 0;

    public bool MustReset => options.ReceivePolicy == ReceivePolicy.ResetSlowestReader && HeldBytes > options.ReceiveBudgetBytes;

    public bool MustPause => options.ReceivePolicy == ReceivePolicy.PauseReading && BufferedBytes >= options.ReceiveBudgetBytes;

    /// <summary>One inbox's change: of its data, and of the memory it holds.</summary>
    public void Account(long bufferedDeltaBytes, long heldBeforeBytes, long heldAfterBytes)
    {
        Interlocked.Add(ref _bufferedBytes, bufferedDeltaBytes);
        Interlocked.Add(ref _heldBytes, heldAfterBytes - heldBeforeBytes);

        var wasCongested = heldBeforeBytes > options.StreamShareBytes;
        var isCongested = heldAfterBytes > options.StreamShareBytes;
        if (wasCongested != isCongested)
            Interlocked.Add(ref _congestedStreams, isCongested ? 1 : -1);

        if (bufferedDeltaBytes < 0 && !MustPause)
            Interlocked.Exchange(ref _room, null)?.TrySetResult();
    }

    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (MustPause)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _room, room);
            if (MustPause)
                await room.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
