using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc;

/// <summary>What waits for the wire, in order. Thread-safe; one taker.</summary>
/// <remarks>It is bounded however slowly the client reads: an answer's sender waits until it is
/// written, and the connection lets only so many
/// requests run; notifications have a key, of which the newest few are kept.</remarks>
internal sealed class OutgoingQueue
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _entries = []; // guarded by _gate, like the rest
    private readonly Dictionary<string, KeyedEntries> _keys = [];
    private TaskCompletionSource _changed = new();
    private bool _completed;

    /// <summary>Returns when the message has been written, or when the connection is over.</summary>
    public Task SendAsync(JsonRpcMessage message)
    {
        var entry = new Entry(_ => message, null, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_completed)
            {
                return Task.CompletedTask;
            }

            _entries.AddLast(entry);
            _changed.TrySetResult();
        }

        return entry.Written!.Task;
    }

    /// <summary>Queues a notification. Of those under <paramref name="key"/> that still wait, the oldest goes when there would be more than
    /// <paramref name="maxWaiting"/>.</summary>
    /// <param name="message">Makes it when it is its turn, told how many of its key were dropped
    /// since the last one that was written.</param>
    public void Post(string key, int maxWaiting, Func<int, JsonRpcMessage> message)
    {
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            if (!_keys.TryGetValue(key, out var keyed))
            {
                _keys.Add(key, keyed = new());
            }

            if (keyed.Waiting.Count >= maxWaiting)
            {
                _entries.Remove(keyed.Waiting.Dequeue());
                keyed.Dropped++;
            }

            keyed.Waiting.Enqueue(_entries.AddLast(new Entry(message, key, null)));
            _changed.TrySetResult();
        }
    }

    /// <summary>The next message; null when the queue is complete and empty.</summary>
    public async ValueTask<Taken?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_entries.First is { Value: var entry })
                {
                    _entries.RemoveFirst();
                    return new(entry.Message(entry.Key is { } key ? TakeDropped(key) : 0), entry.Written);
                }

                if (_completed)
                {
                    return null;
                }

                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes nothing in any more; what waits can still be taken.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            _changed.TrySetResult();
        }
    }

    /// <summary>Throws away what waits: nobody will write it.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _completed = true;
            foreach (var entry in _entries)
            {
                entry.Written?.TrySetResult();
            }

            _entries.Clear();
            _keys.Clear();
            _changed.TrySetResult();
        }
    }

    private int TakeDropped(string key)
    {
        var keyed = _keys[key];
        keyed.Waiting.Dequeue();
        var dropped = keyed.Dropped;
        keyed.Dropped = 0;
        if (keyed.Waiting.Count == 0)
        {
            _keys.Remove(key);
        }

        return dropped;
    }

    /// <param name="Written">To be completed once the message is on the wire or never will be; null for a notification.</param>
    public sealed record Taken(JsonRpcMessage Message, TaskCompletionSource? Written);

    private sealed record Entry(Func<int, JsonRpcMessage> Message, string? Key, TaskCompletionSource? Written);

    private sealed class KeyedEntries
    {
        public Queue<LinkedListNode<Entry>> Waiting { get; } = new();

        public int Dropped { get; set; }
    }
}
