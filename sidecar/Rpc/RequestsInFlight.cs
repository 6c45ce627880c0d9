using StreamJsonRpc;

namespace RdsTunnel.Rpc;

/// <summary>Which requests wait for an answer, in both directions. Thread-safe.</summary>
internal sealed class RequestsInFlight
{
    private readonly Lock _gate = new();
    private readonly HashSet<RequestId> _running = []; // guarded by _gate, like the rest: ids that the other side may not use again yet
    private readonly HashSet<RequestId> _asked = []; // what we asked
    private int _unanswered; // the other side's requests whose answer is not written yet
    private TaskCompletionSource? _allAnswered;

    /// <summary>Takes a request in.</summary>
    /// <param name="isUrgent">It is taken however many are running.</param>
    /// <returns>Why it is refused; null when it is not.</returns>
    public RpcException? TryAdd(RequestId id, bool isUrgent)
    {
        lock (_gate)
        {
            if (!isUrgent && _unanswered >= JsonRpcConnection.MaxConcurrentRequests)
            {
                return new(
                    RpcErrorCode.ServerBusy,
                    $"{JsonRpcConnection.MaxConcurrentRequests} requests are already running. Retry when one has finished."
                );
            }

            if (!_running.Add(id))
            {
                return new(RpcErrorCode.InvalidRequest, "A request with this id is still running.");
            }

            _unanswered++;
            return null;
        }
    }

    /// <summary>A request's answer is about to be written: once the other side sees it, it may use the id again.</summary>
    public bool Forget(RequestId id)
    {
        lock (_gate)
        {
            return _running.Remove(id);
        }
    }

    /// <summary>An answer is written.</summary>
    public void Answered()
    {
        lock (_gate)
        {
            if (--_unanswered == 0)
            {
                _allAnswered?.TrySetResult();
            }
        }
    }

    public RequestId[] Running()
    {
        lock (_gate)
        {
            return [.. _running];
        }
    }

    public Task AllAnsweredAsync()
    {
        lock (_gate)
        {
            _allAnswered ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_unanswered == 0)
            {
                _allAnswered.TrySetResult();
            }

            return _allAnswered.Task;
        }
    }

    /// <summary>We ask something.</summary>
    public void Ask(RequestId id)
    {
        lock (_gate)
        {
            _asked.Add(id);
        }
    }

    /// <summary>An answer has come; false when it is to nothing that was asked.</summary>
    public bool WasAsked(RequestId id)
    {
        lock (_gate)
        {
            return _asked.Remove(id);
        }
    }
}
