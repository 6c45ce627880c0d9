using RdsTunnel.Faults;

namespace RdsTunnel.Aws.SignIn;

/// <summary>One sign-in for all who ask for it at the same time. It is given up when the last of them has gone. Thread-safe.</summary>
internal sealed class SharedSignIn
{
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<Action<AuthorizationRequest>> _listeners = []; // guarded by _gate
    private readonly Task _running;
    private AuthorizationRequest? _latest; // guarded by _gate

    public SharedSignIn(Func<Action<AuthorizationRequest>, CancellationToken, Task> run) => _running = RunAsync(run);

    public bool IsOver => _running.IsCompleted || _abandoned.Task.IsCompleted;

    public async Task JoinAsync(Action<AuthorizationRequest> onAuthorizationRequested, CancellationToken cancellationToken)
    {
        AuthorizationRequest? latest;
        lock (_gate)
        {
            _listeners.Add(onAuthorizationRequested);
            latest = _latest;
        }

        if (latest is not null)
        {
            onAuthorizationRequested(latest);
        }

        try
        {
            await _running.WaitOrLeaveAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(onAuthorizationRequested);
        }
    }

    private async Task RunAsync(Func<Action<AuthorizationRequest>, CancellationToken, Task> run)
    {
        await Task.Yield();
        using var stop = new CancellationTokenSource();
        var running = run(Tell, stop.Token);
        if (await Task.WhenAny(running, _abandoned.Task).ConfigureAwait(false) != running)
        {
            // What happens to it now is not reported.
            await stop.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Token.ThrowIfCancellationRequested();
        }

        await running.ConfigureAwait(false);
    }

    private void Leave(Action<AuthorizationRequest> listener)
    {
        lock (_gate)
        {
            _listeners.Remove(listener);
            if (_listeners.Count == 0)
            {
                _abandoned.TrySetResult();
            }
        }
    }

    private void Tell(AuthorizationRequest request)
    {
        Action<AuthorizationRequest>[] listeners;
        lock (_gate)
        {
            _latest = request;
            listeners = [.. _listeners];
        }

        Array.ForEach(listeners, listener => listener(request));
    }
}
