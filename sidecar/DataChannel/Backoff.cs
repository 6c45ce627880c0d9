namespace RdsTunnel.DataChannels;

/// <summary>Waits between attempts that grow, differ from client to client, and can be cut short.
/// For one waiter; <see cref="Hurry"/> is thread-safe.</summary>
public sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);

    /// <summary>Short enough that a laptop that wakes up is back soon.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    private volatile CancellationTokenSource? _waiting;

    /// <summary>The wait after attempt number <paramref name="attempt"/>, from 1: doubled each
    /// time, less a random part of up to a half.</summary>
    public static TimeSpan DelayAfter(int attempt)
    {
        var full = First * Math.Pow(2, Math.Min(attempt - 1, 16));
        return (full < Longest ? full : Longest) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    public async Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _waiting = waiting;
        try
        {
            await Task.Delay(delay, time, waiting.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Hurried.
        }
        finally
        {
            _waiting = null;
        }
    }

    /// <summary>Ends the present wait, if there is one.</summary>
    public void Hurry()
    {
        try
        {
            _waiting?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }
}
