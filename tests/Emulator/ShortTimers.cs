namespace RdsTunnel.Emulator;

/// <summary>Timers of a millisecond that are hardly late, as the real agent's are: those of .NET tick every two to four milliseconds.
/// Thread-safe.</summary>
internal sealed class ShortTimers(TimeProvider time)
{
    /// <summary>As many as there are sessions that send; the next one first.</summary>
    private readonly PriorityQueue<ShortTimer, long> _started = new();

    private Thread? _thread;

    public ITimer Start(TimerCallback callback, object? state, TimeSpan dueTime)
    {
        var timer = new ShortTimer(callback, state);
        var dueAt = time.GetTimestamp() + (long)Math.Ceiling(dueTime.TotalSeconds * time.TimestampFrequency);
        lock (_started)
        {
            _started.Enqueue(timer, dueAt);
            Monitor.Pulse(_started);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "Short timers" };
                _thread.Start();
            }
        }

        return timer;
    }

    /// <summary>A timer that is started while the thread sleeps, and due before the one that it sleeps for, is as late as that one.</summary>
    private void Run()
    {
        while (true)
        {
            if (TakeDue(out var left) is { } timer)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), timer, preferLocal: false);
            }
            else
            {
                Nap.For(left);
            }
        }
    }

    /// <summary>Waits for a timer, and gives it if it is due.</summary>
    private ShortTimer? TakeDue(out TimeSpan left)
    {
        lock (_started)
        {
            long dueAt;
            while (!_started.TryPeek(out _, out dueAt))
            {
                Monitor.Wait(_started);
            }

            left = time.GetElapsedTime(time.GetTimestamp(), dueAt);
            return left > TimeSpan.Zero ? null : _started.Dequeue();
        }
    }

    private sealed class ShortTimer(TimerCallback callback, object? state) : ITimer
    {
        private int _isOver;

        public void Fire()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                callback(state);
            }
        }

        /// <summary>Fires once, when it was told to.</summary>
        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose() => _isOver = 1;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
