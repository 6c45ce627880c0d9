using System.Threading.Tasks.Sources;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>An auto-reset event for one waiter that allocates nothing. Any thread may set it; sets in a row count as one.</summary>
internal sealed class WakeSignal : IValueTaskSource
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Signalled = 2;

    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private int _state;

    public void Set()
    {
        if (Interlocked.Exchange(ref _state, Signalled) == Waiting)
        {
            _source.SetResult(true);
        }
    }

    public ValueTask WaitAsync()
    {
        _source.Reset();
        return Interlocked.CompareExchange(ref _state, Waiting, Idle) == Signalled ? Consume() : new ValueTask(this, _source.Version);
    }

    void IValueTaskSource.GetResult(short token)
    {
        // A full fence: what the waiter reads from here on must not have been read before, when a Set still saw the signal.
        Interlocked.Exchange(ref _state, Idle);
        _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private ValueTask Consume()
    {
        Interlocked.Exchange(ref _state, Idle);
        return ValueTask.CompletedTask;
    }
}
