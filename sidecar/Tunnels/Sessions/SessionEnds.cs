using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.DataChannels;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>Ends sessions. What cannot be ended at once, because the network or the credentials are
/// away, is ended later. Thread-safe.</summary>
internal sealed class SessionEnds(TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>The longest idle timeout that an account can set: the service has ended the session itself by then.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>A thousand ids are no memory to speak of, and more sessions than an identity loses in an hour.</summary>
    private const int MaxLeft = 1_000;

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Within what the process has for its end.</summary>
    private static readonly TimeSpan LastAttemptTimeout = TimeSpan.FromSeconds(1.5);

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Queue<Left> _left = new();
    private Task _ending = Task.CompletedTask;
    private bool _isEnding;

    /// <exception cref="Exception">It could not be ended; if another attempt may help, one will be made.</exception>
    public async Task EndAsync(ISessionService service, string sessionId, CancellationToken cancellationToken)
    {
        try
        {
            await service.TerminateSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsWorthRepeating(e))
        {
            Add(new Left(service, sessionId, time.GetTimestamp()));
            throw;
        }
    }

    /// <summary>Tries once more, all at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task ending;
        lock (_gate)
        {
            ending = _ending;
        }

        await ending.ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(LastAttemptTimeout, time);
        var last = new List<Task>();
        while (TryTake(out var session))
        {
            last.Add(EndOrLeaveAsync(session, timeout.Token));
        }

        await Task.WhenAll(last).ConfigureAwait(false);
    }

    private static bool IsWorthRepeating(Exception failure) =>
        failure
            is OperationCanceledException
                or AwsException { IsTransient: true }
                or AwsException { NeedsSignIn: true }
                or AwsException { Code: AwsErrorCode.Throttled or AwsErrorCode.CredentialsUnavailable or AwsErrorCode.CredentialsInvalid };

    private void Add(Left session)
    {
        lock (_gate)
        {
            if (_closing.IsCancellationRequested)
            {
                TunnelLog.SessionLeft(logger, session.SessionId);
                return;
            }

            _left.Enqueue(session);
            if (_left.Count > MaxLeft)
            {
                TunnelLog.SessionLeft(logger, _left.Dequeue().SessionId);
            }

            if (!_isEnding)
            {
                _isEnding = true;
                _ending = EndAllAsync();
            }
        }
    }

    // One attempt at a time: while one fails for want of a network, the others would, too.
    private async Task EndAllAsync()
    {
        await Task.Yield();
        var failures = 1;
        do
        {
            await Task.Delay(Backoff.DelayAfter(failures++), time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (!_closing.IsCancellationRequested && TryTake(out var session))
            {
                using var timeout = new CancellationTokenSource(AttemptTimeout, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
                if (!await TryEndAsync(session, either.Token).ConfigureAwait(false))
                {
                    PutBack(session);
                    break;
                }

                failures = 1;
            }
        } while (IsMoreLeft());
    }

    /// <returns>False when another attempt may help.</returns>
    private async Task<bool> TryEndAsync(Left session, CancellationToken cancellationToken)
    {
        try
        {
            if (time.GetElapsedTime(session.Since) < Kept)
            {
                await session.Service.TerminateSessionAsync(session.SessionId, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsWorthRepeating(e))
        {
            return false;
        }
        catch (Exception)
        {
            // Whatever it was: the others are still to be ended.
            TunnelLog.SessionLeft(logger, session.SessionId);
        }

        return true;
    }

    private async Task EndOrLeaveAsync(Left session, CancellationToken cancellationToken)
    {
        if (!await TryEndAsync(session, cancellationToken).ConfigureAwait(false))
        {
            TunnelLog.SessionLeft(logger, session.SessionId);
        }
    }

    private bool TryTake([NotNullWhen(true)] out Left? session)
    {
        lock (_gate)
        {
            return _left.TryDequeue(out session);
        }
    }

    private void PutBack(Left session)
    {
        lock (_gate)
        {
            _left.Enqueue(session);
        }
    }

    private bool IsMoreLeft()
    {
        lock (_gate)
        {
            return _isEnding = _left.Count > 0 && !_closing.IsCancellationRequested;
        }
    }

    private sealed record Left(ISessionService Service, string SessionId, long Since);
}
