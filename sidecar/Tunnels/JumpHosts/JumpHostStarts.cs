using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.JumpHosts;

/// <summary>The jump hosts that tunnels of this process may start: one start of each at a time, and somebody who stops it.
/// Thread-safe.</summary>
internal sealed class JumpHostStarts(TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly string Owner = $"{CurrentUser.Name}@{Environment.MachineName}";

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<(IInstancePower Power, string Target), (HostGuard Guard, Task Running)> _guards = [];
    private readonly Dictionary<(IInstancePower Power, string Target), Attempt> _attempts = [];
    private bool _isClosed;

    /// <summary>Whether it is of the kind that can be stopped and started.</summary>
    public static bool CanStart(string target) => target.StartsWith("i-", StringComparison.Ordinal);

    /// <summary>Starts a jump host, unless it runs; returns when its agent answers.</summary>
    /// <param name="failure">Why: what its session failed with.</param>
    /// <param name="report">Told what is being waited for.</param>
    /// <exception cref="AwsException">It can't be started, or its agent does not answer.</exception>
    public async Task StartAsync(
        IInstancePower power,
        string target,
        AwsException failure,
        Action<string> report,
        CancellationToken cancellationToken
    )
    {
        var guard = GuardOf(power, target);
        Attempt attempt;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (!_attempts.TryGetValue((power, target), out attempt!))
            {
                _attempts[(power, target)] = attempt = new Attempt(_closing.Token);
                attempt.Running = RunAsync(attempt, power, target, guard, failure);
            }

            attempt.Waiting++;
            attempt.Progressed += report;
        }

        try
        {
            await attempt.Running.WaitOrLeaveAsync(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(attempt, (power, target), report);
        }
    }

    // Nobody waits any more: what was started is stopped again after the grace.
    private void Leave(Attempt attempt, (IInstancePower Power, string Target) key, Action<string> report)
    {
        lock (_gate)
        {
            attempt.Progressed -= report;
            if (--attempt.Waiting == 0 && _attempts.GetValueOrDefault(key) == attempt)
            {
                _attempts.Remove(key);
                attempt.Cancel();
            }
        }
    }

    /// <summary>What to do about one that does not answer, and may not be started.</summary>
    public static async Task<AwsException> ExplainAsync(
        IInstancePower power,
        string target,
        AwsException failure,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return
                await power.LookAsync(target, cancellationToken).ConfigureAwait(false)
                    is { State: InstanceState.Stopped or InstanceState.Stopping }
                ? new AwsException(
                    AwsErrorCode.TargetNotConnected,
                    $"The jump host {target} is stopped. Start it, or let the tunnel start it when it is needed (startJumpHost, --start-jump-host).",
                    failure
                )
                : failure;
        }
        catch (AwsException)
        {
            return failure; // it is asked for to complete that one
        }
    }

    /// <summary>A tunnel that may start its jump host has a session on it.</summary>
    public void OnOpened(IInstancePower power, string target, string sessionId, Task ended)
    {
        GuardOf(power, target).OnOpened(sessionId, ended);
    }

    /// <summary>Stops what it has started, once the sessions have ended, as far as the time allows.</summary>
    public async ValueTask DisposeAsync()
    {
        (HostGuard Guard, Task Running)[] guards;
        Task[] attempts;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            guards = [.. _guards.Values];
            attempts = [.. _attempts.Values.Select(attempt => attempt.Running)];
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll([.. attempts, .. guards.Select(each => each.Running)]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(guards.Where(each => !each.Running.IsCompletedSuccessfully).Select(each => each.Guard.EndAsync()))
            .ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task RunAsync(Attempt attempt, IInstancePower power, string target, HostGuard guard, AwsException failure)
    {
        await Task.Yield();
        var began = time.GetTimestamp();
        try
        {
            var start = new JumpHostStart(power, target, Owner, attempt.Report, time);
            await start
                .RunAsync(
                    failure,
                    at =>
                    {
                        JumpHostLog.Starting(logger, target);
                        guard.OnStarting(at);
                    },
                    attempt.Token
                )
                .ConfigureAwait(false);
            JumpHostLog.Ready(logger, target, time.GetElapsedTime(began).TotalSeconds);
        }
        finally
        {
            lock (_gate)
            {
                if (_attempts.GetValueOrDefault((power, target)) == attempt)
                {
                    _attempts.Remove((power, target));
                }

                attempt.Dispose();
            }
        }
    }

    private HostGuard GuardOf(IInstancePower power, string target)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (!_guards.TryGetValue((power, target), out var one) || one.Running.IsCompleted)
            {
                var guard = new HostGuard(power, target, Owner, time, logger);
                _guards[(power, target)] = one = (guard, guard.RunAsync(_closing.Token));
            }

            return one.Guard;
        }
    }

    private sealed class Attempt : IDisposable
    {
        private readonly CancellationTokenSource _cancellation;

        public Attempt(CancellationToken closing)
        {
            _cancellation = CancellationTokenSource.CreateLinkedTokenSource(closing);
            Token = _cancellation.Token;
        }

        public CancellationToken Token { get; }

        public Task Running { get; set; } = Task.CompletedTask;

        /// <summary>Guarded by the gate.</summary>
        public int Waiting { get; set; }

        public event Action<string>? Progressed;

        public void Report(string progress) => Progressed?.Invoke(progress);

        public void Cancel() => _cancellation.Cancel();

        public void Dispose() => _cancellation.Dispose();
    }
}
