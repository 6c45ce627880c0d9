namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Connections of a tunnel that wait for a person: to sign in, to choose a jump host. Their bytes wait in the
/// clients' own sockets. Thread-safe.</summary>
/// <param name="setFault">Told what is missing; null when it no longer is.</param>
internal sealed class PersonWait(Action<TunnelFault?> setFault, TimeProvider time)
{
    /// <summary>Few clients wait as long.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    // The sign-in may be another program's.
    private static readonly TimeSpan SignInLookInterval = TimeSpan.FromSeconds(10);

    /// <summary>Looking whether a jump host is known by now takes some calls.</summary>
    private static readonly TimeSpan JumpHostLookInterval = TimeSpan.FromSeconds(30);

    private TaskCompletionSource _helped = NewSignal(); // exchanged atomically
    private int _waiting; // changed atomically

    public bool IsAnybodyWaiting => Volatile.Read(ref _waiting) > 0;

    /// <summary>Makes an attempt, and again when a person may have helped, for as long as only a person can help.</summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var isWaiting = false;
        try
        {
            while (true)
            {
                var helped = _helped.Task;
                try
                {
                    var result = await attempt(cancellationToken).ConfigureAwait(false);
                    OnConnected();
                    return result;
                }
                catch (Exception e) when (TunnelFaults.IsUpToAPerson(TunnelFaults.From(e)) && time.GetElapsedTime(started) < Limit)
                {
                    if (!isWaiting)
                    {
                        isWaiting = true;
                        Interlocked.Increment(ref _waiting);
                    }

                    var fault = TunnelFaults.From(e);
                    setFault(fault);
                    var look = TunnelFaults.StateOf(fault) == TunnelState.NeedsSignIn ? SignInLookInterval : JumpHostLookInterval;
                    await helped.WaitAsync(look, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        }
        finally
        {
            if (isWaiting)
            {
                Interlocked.Decrement(ref _waiting);
            }
        }
    }

    /// <summary>What one can do, all who wait can: a session is open.</summary>
    public void OnConnected()
    {
        if (IsAnybodyWaiting)
        {
            setFault(null);
            OnHelped();
        }
    }

    /// <summary>Those who wait try again.</summary>
    public void OnHelped() => Interlocked.Exchange(ref _helped, NewSignal()).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
