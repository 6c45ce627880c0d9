using RdsTunnel.DataChannels;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>Attempts that fail for all who make them, or for none. Thread-safe.</summary>
/// <remarks>
/// Until one fails, all run at once. Afterwards one at a time is made, after a wait that grows with
/// each failure, and whoever came during it shares its
/// outcome: nobody waits for more than one wait and one attempt. A success ends that.
/// </remarks>
/// <param name="pauseAfter">The least wait after a failure of the kind; null when it says nothing about the next attempt.</param>
internal sealed class SharedAttempts(Func<Exception, TimeSpan?> pauseAfter, TimeProvider time)
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private int _failures; // in a row; those that ran at once count once
    private long _failedAt;
    private TimeSpan _wait;
    private TaskCompletionSource<Exception?>? _trial;

    /// <param name="onWait">Told how long the attempt is put off.</param>
    /// <param name="forOthers">What those are told who share a failure.</param>
    /// <param name="cancellationToken">Ends the wait. The attempt has a token of its own.</param>
    public async Task<T> RunAsync<T>(
        Func<Task<T>> attempt,
        Action<TimeSpan> onWait,
        Func<Exception, Exception> forOthers,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            TaskCompletionSource<Exception?>? trial = null;
            Task<Exception?>? others = null;
            int round;
            TimeSpan wait;
            lock (_gate)
            {
                round = _failures;
                wait = round == 0 ? TimeSpan.Zero : _wait - time.GetElapsedTime(_failedAt);
                if (round > 0 && (others = _trial?.Task) is null)
                {
                    trial = _trial = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }

            if (others is null)
            {
                return await RunAsync(attempt, trial, round, wait, onWait, cancellationToken).ConfigureAwait(false);
            }

            if (await others.WaitAsync(cancellationToken).ConfigureAwait(false) is { } failure)
            {
                throw forOthers(failure);
            }
        }
    }

    private async Task<T> RunAsync<T>(
        Func<Task<T>> attempt,
        TaskCompletionSource<Exception?>? trial,
        int round,
        TimeSpan wait,
        Action<TimeSpan> onWait,
        CancellationToken cancellationToken
    )
    {
        Exception? failure = null;
        try
        {
            if (wait > TimeSpan.Zero)
            {
                onWait(wait);
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            }

            var result = await attempt().ConfigureAwait(false);
            OnSucceeded();
            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (pauseAfter(e) is { } least)
            {
                OnFailed(round, least);
                failure = e;
            }
            else
            {
                OnSucceeded();
            }

            throw;
        }
        finally
        {
            // One that was cancelled says nothing: another of those who wait makes the attempt.
            if (trial is not null)
            {
                lock (_gate)
                {
                    _trial = null;
                }

                trial.SetResult(failure);
            }
        }
    }

    private void OnSucceeded()
    {
        lock (_gate)
        {
            _failures = 0;
        }
    }

    private void OnFailed(int round, TimeSpan least)
    {
        lock (_gate)
        {
            if (_failures == round)
            {
                _failures++;
                _failedAt = time.GetTimestamp();
                var delay = Backoff.DelayAfter(_failures);
                _wait = delay < least ? least : delay;
            }
        }
    }
}
