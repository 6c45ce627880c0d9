namespace RdsTunnel.Emulator;

/// <summary>Timers of a millisecond that are hardly late, as the real agent's are: those of .NET tick every two to four milliseconds.
/// They fire in the order in which they were started. Thread-safe.</summary>
internal sealed class ShortTimers(TimeProvider time)
{
    /// <summary>As many as there are sessions that send.</summary>
    private readonly Queue<ShortTimer> _started = [];

    private Thread? _thread;

    public ITimer Start(TimerCallback callback, object? state, TimeSpan dueTime)
    {
        var timer = new ShortTimer(callback, state, time, dueTime);
        lock (_started)
        {
            _started.Enqueue(timer);
            Monitor.Pulse(_started);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "Short timers" };
                _thread.Start();
            }
        }

        return timer;
    }

    private void Run()
    {
        while (true)
        {
            var timer = Next();
            while (!timer.IsDue)
            {
#pragma warning disable RS0030 // There is nothing finer to wait on.
                Thread.Sleep(1);
#pragma warning restore RS0030
            }

            ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), timer, preferLocal: false);
        }
    }

    private ShortTimer Next()
    {
        lock (_started)
        {
            ShortTimer? timer;
            while (!_started.TryDequeue(out timer))
            {
                Monitor.Wait(_started);
            }

            return timer;
        }
    }

    private sealed class ShortTimer(TimerCallback callback, object? state, TimeProvider time, TimeSpan dueTime) : ITimer
    {
        private readonly long _startedAt = time.GetTimestamp();
        private int _isOver;

        public bool IsDue => time.GetElapsedTime(_startedAt) >= dueTime;

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
