namespace RdsTunnel.Faults;

/// <summary>Waits for work that goes on when nobody waits for it any more: others may need it, or it cannot be stopped.</summary>
/// <remarks>Unlike after <c>Task.WaitAsync</c>, its failure counts as observed then.</remarks>
public static class LeftBehind
{
    /// <exception cref="OperationCanceledException">The wait was cancelled, or the work was.</exception>
    public static async Task<T> WaitOrLeaveAsync<T>(this Task<T> work, CancellationToken cancellationToken)
    {
        await ((Task)work).WaitOrLeaveAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return await work.ConfigureAwait(false);
    }

    /// <exception cref="OperationCanceledException">The wait was cancelled, or the work was.</exception>
    /// <exception cref="TimeoutException"/>
    public static async Task WaitOrLeaveAsync(this Task work, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await work.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            work.Leave();
            throw;
        }
    }

    /// <summary>Nobody may ever wait for it, and its failure says nothing that is not known from elsewhere.</summary>
    public static void Leave(this Task work)
    {
        // Nobody hears of the continuation itself, and it cannot fail.
        _ = work.ContinueWith(
            static left => left.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }
}
