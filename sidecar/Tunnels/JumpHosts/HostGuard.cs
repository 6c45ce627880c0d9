using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.JumpHosts;

/// <summary>Stops a jump host that a tunnel may start, once nobody needs it: after the last session of this process and a
/// grace, if nobody else has a session on it, and somebody has started it for a tunnel. Thread-safe.</summary>
internal sealed class HostGuard(IInstancePower power, string target, string owner, TimeProvider time, ILogger logger)
{
    /// <summary>Long enough for a tool that reconnects, and for somebody who fetches a coffee: a start takes 40 s.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30);

    /// <summary>What is left for it when the process ends.</summary>
    public static readonly TimeSpan EndTime = TimeSpan.FromMilliseconds(900);

    private static readonly TimeSpan RenewInterval = JumpHostStart.LeaseTime / 3;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<string> _sessions = []; // of this process, ended ones too: AWS lists those for a while
    private readonly List<Task> _watching = [];
    private int _open;
    private long _idleSince = time.GetTimestamp();
    private DateTimeOffset? _startedAt;
    private long _renewedAt;

    /// <summary>This process has started it.</summary>
    public void OnStarting(DateTimeOffset at)
    {
        lock (_gate)
        {
            _startedAt = at;
            _renewedAt = _idleSince = time.GetTimestamp();
        }
    }

    public void OnOpened(string sessionId, Task ended)
    {
        lock (_gate)
        {
            _sessions.Add(sessionId);
            _open++;
            _watching.RemoveAll(each => each.IsCompleted);
            _watching.Add(WatchAsync(ended));
        }
    }

    /// <summary>Ends when there is nothing left to stop.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(LookInterval, time, cancellationToken).ConfigureAwait(false);
            try
            {
                await RenewAsync(cancellationToken).ConfigureAwait(false);
                if (IsIdle() && await StopAsync(cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it was: the next look may fare better, and nobody else stops the instance.
                JumpHostLog.NotStopped(logger, target, SafeText.Describe(e));
            }
        }
    }

    /// <summary>The process ends: no grace, and not much time.</summary>
    public async Task EndAsync()
    {
        using var limit = new CancellationTokenSource(EndTime, time);
        Task[] watching;
        lock (_gate)
        {
            watching = [.. _watching];
        }

        try
        {
            await Task.WhenAll(watching).WaitAsync(limit.Token).ConfigureAwait(false);
            if (!await StopAsync(limit.Token).ConfigureAwait(false))
            {
                JumpHostLog.LeftToOthers(logger, target);
            }
        }
        catch (Exception e)
        {
            JumpHostLog.NotStopped(logger, target, e is OperationCanceledException ? "AWS did not answer in time" : SafeText.Describe(e));
        }
    }

    private async Task WatchAsync(Task ended)
    {
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            _open--;
            _idleSince = time.GetTimestamp();
        }
    }

    private bool IsIdle()
    {
        lock (_gate)
        {
            return _open == 0 && time.GetElapsedTime(_idleSince) >= Grace;
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        JumpHostLease lease;
        lock (_gate)
        {
            if (_startedAt is not { } at || time.GetElapsedTime(_renewedAt) < RenewInterval)
            {
                return;
            }

            _renewedAt = time.GetTimestamp();
            lease = new JumpHostLease(owner, at, time.GetUtcNow() + JumpHostStart.LeaseTime);
        }

        await power.TagAsync(target, JumpHostLease.TagKey, lease.ToString(), cancellationToken).ConfigureAwait(false);
    }

    /// <returns>False when somebody still needs it.</returns>
    private async Task<bool> StopAsync(CancellationToken cancellationToken)
    {
        var look = await power.LookAsync(target, cancellationToken).ConfigureAwait(false);
        if (look is not { State: InstanceState.Running or InstanceState.Pending })
        {
            return true; // somebody else has stopped it
        }

        // Without a lease of this run somebody has started it for themselves.
        if (
            JumpHostLease.Parse(look.Tags.GetValueOrDefault(JumpHostLease.TagKey)) is not { } lease
            || !lease.IsOf(look.LaunchedAt)
            || (!lease.IsOwnedBy(owner) && lease.Until > time.GetUtcNow())
        )
        {
            return true;
        }

        var sessions = await power.ListSessionsAsync(target, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (_open > 0 || sessions.Any(each => !_sessions.Contains(each)))
            {
                JumpHostLog.StillUsed(logger, target);
                return false;
            }
        }

        if (!await power.StopAsync(target, cancellationToken).ConfigureAwait(false))
        {
            return false; // it starts at the moment
        }

        JumpHostLog.Stopped(logger, target);
        return true;
    }
}
