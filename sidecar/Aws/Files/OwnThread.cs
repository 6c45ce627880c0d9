namespace RdsTunnel.Aws.Files;

/// <summary>For work that may block on a file: it must take no thread from the pool, which everything else runs on. Thread-safe.</summary>
/// <remarks>A thread that has nothing to do waits for more, since each session reads several files
/// and starting a thread takes most of a millisecond.</remarks>
internal static class OwnThread
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    private static readonly object Gate = new(); // Lock has no Wait
    private static readonly Queue<Task> Waiting = new(); // guarded by Gate; each has a thread that is idle or just starting
    private static int _idle; // guarded by Gate

    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var task = new Task<T>(work, TaskCreationOptions.DenyChildAttach);
        lock (Gate)
        {
            Waiting.Enqueue(task);
            if (_idle >= Waiting.Count)
            {
                Monitor.Pulse(Gate);
                return task;
            }
        }

        new Thread(Work) { IsBackground = true, Name = "Files" }.Start();
        return task;
    }

    private static void Work()
    {
        while (Next() is { } task)
        {
            task.RunSynchronously(TaskScheduler.Default);
        }
    }

    // Null when there has been none for a while.
    private static Task? Next()
    {
        lock (Gate)
        {
            Task? task;
            while (!Waiting.TryDequeue(out task))
            {
                _idle++;
                var isPulsed = Monitor.Wait(Gate, IdleTime);
                _idle--;
                if (!isPulsed && Waiting.Count == 0)
                {
                    return null;
                }
            }

            return task;
        }
    }
}
