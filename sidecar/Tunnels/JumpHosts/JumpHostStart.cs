using RdsTunnel.Aws;

namespace RdsTunnel.Tunnels.JumpHosts;

/// <summary>Starts an instance, and waits until its agent answers.</summary>
/// <param name="report">Told what is being waited for, for people.</param>
internal sealed class JumpHostStart(IInstancePower power, string target, string owner, Action<string> report, TimeProvider time)
{
    /// <summary>Far more than it takes: a Windows server takes three minutes.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>An agent that has not signed in by then never will: it may have no role, or no way out.</summary>
    public static readonly TimeSpan AgentLimit = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(3);

    /// <summary>How long the instance is claimed for at first, and by each renewal.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(30);

    private readonly long _began = time.GetTimestamp();
    private long? _ranSince;

    /// <summary>When this has started it; null when it ran already, or somebody else has started it.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <param name="onStarting">Told before it is started: from then on it has to be stopped again.</param>
    /// <param name="failure">Why it is started: what to say when it runs already.</param>
    /// <exception cref="AwsException">It can't be started; or it runs, and its agent does not answer.</exception>
    public async Task RunAsync(AwsException failure, Action<DateTimeOffset> onStarting, CancellationToken cancellationToken)
    {
        while (true)
        {
            var look =
                await power.LookAsync(target, cancellationToken).ConfigureAwait(false)
                ?? throw new AwsException(
                    AwsErrorCode.TargetNotConnected,
                    $"The jump host {target} can't be started: EC2 lists no such instance in this account and region."
                );
            switch (look.State)
            {
                case InstanceState.Stopped:
                    await StartAsync(onStarting, cancellationToken).ConfigureAwait(false);
                    break;
                case InstanceState.Stopping:
                    Report("waiting until it has stopped, to start it again");
                    break;
                case InstanceState.Pending:
                    Report("starting");
                    break;
                case InstanceState.Running:
                    if (await IsReadyAsync(look, failure, cancellationToken).ConfigureAwait(false))
                    {
                        return;
                    }

                    break;
                default:
                    throw new AwsException(
                        AwsErrorCode.TargetNotConnected,
                        $"The jump host {target} can't be started: it has been terminated. Choose another one."
                    );
            }

            if (time.GetElapsedTime(_began) > Limit)
            {
                throw new AwsException(
                    AwsErrorCode.TargetNotConnected,
                    $"The jump host {target} was not ready within {Limit.TotalMinutes:0} minutes of its start."
                );
            }

            await Task.Delay(LookInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task StartAsync(Action<DateTimeOffset> onStarting, CancellationToken cancellationToken)
    {
        Report("starting");
        var now = time.GetUtcNow();
        // Before the start: whoever dies in between leaves a tag, and not an instance that nobody stops.
        try
        {
            await power
                .TagAsync(target, JumpHostLease.TagKey, new JumpHostLease(owner, now, now + LeaseTime).ToString(), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (AwsException e) when (e.Code == AwsErrorCode.AccessDenied)
        {
            throw new AwsException(
                e.Code,
                $"{e.Message} The jump host was not started, because its tag {JumpHostLease.TagKey} is what makes sure that it is stopped again.",
                e
            );
        }

        onStarting(now);
        if (await power.StartAsync(target, cancellationToken).ConfigureAwait(false))
        {
            StartedAt = now;
        }
    }

    private async Task<bool> IsReadyAsync(InstanceLook look, AwsException failure, CancellationToken cancellationToken)
    {
        _ranSince ??= time.GetTimestamp();
        if (await power.IsOnlineAsync(target, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        var isFresh = StartedAt is not null || (look.LaunchedAt is { } at && time.GetUtcNow() - at < AgentLimit);
        if (!isFresh)
        {
            throw failure; // it runs, and has for long
        }

        if (time.GetElapsedTime(_ranSince.Value) > AgentLimit)
        {
            throw new AwsException(
                AwsErrorCode.TargetNotConnected,
                $"The jump host {target} runs, but its SSM agent was not online within {AgentLimit.TotalMinutes:0} minutes. Check its instance role "
                    + "and its way to Systems Manager."
            );
        }

        Report("waiting for its agent");
        return false;
    }

    private void Report(string what) => report($"Jump host {target}: {what} ({Math.Floor(time.GetElapsedTime(_began).TotalSeconds):0} s)");
}
