using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Host;

/// <summary>The end of headless serving: connections may end by themselves before it.</summary>
/// <param name="before">How long connections are still accepted: until nobody is sent here any more.</param>
/// <param name="longest">How long open connections may go on after that.</param>
/// <param name="lifetime">Ended when they have, or the time is over.</param>
internal sealed partial class ServeDrain(
    TunnelManager tunnels,
    TimeSpan before,
    TimeSpan longest,
    ProcessLifetime lifetime,
    TimeProvider time,
    ILogger<ServeDrain> logger
)
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _reason; // exchanged atomically

    /// <summary>Connections are unwelcome from now on.</summary>
    public event Action? Begun;

    /// <summary>Completes when the last connection has ended; at once as long as nothing drains.</summary>
    public Task Drained { get; private set; } = Task.CompletedTask;

    /// <summary>Begins; once more, it cuts what is still open.</summary>
    public void Begin(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _begun.TrySetResult();
        }
        else
        {
            Cut($"{reason} again");
        }
    }

    /// <summary>Runs until it has begun, and connections or their time are over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _begun.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        var reason = _reason!;
        Begun?.Invoke();
        if (before > TimeSpan.Zero)
        {
            LogStillAccepting(reason, before);
            await Task.Delay(before, time, cancellationToken).ConfigureAwait(false);
        }

        Drained = tunnels.DrainAsync();
        if (longest > TimeSpan.Zero && tunnels.Connections is > 0 and var open)
        {
            LogDraining(reason, open, longest);
            await Drained.WaitAsync(longest, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        Cut(reason);
    }

    private void Cut(string reason)
    {
        var open = tunnels.Connections;
        if (open > 0)
        {
            LogCut(open);
        }

        // Without time for them, cutting is what was asked for.
        lifetime.End(reason, open > 0 && longest > TimeSpan.Zero ? ExitCode.Cut : ExitCode.Ended);
    }

    [LoggerMessage(735, LogLevel.Information, "{Reason}: still accepting connections for {Delay}")]
    private partial void LogStillAccepting(string reason, TimeSpan delay);

    [LoggerMessage(
        736,
        LogLevel.Information,
        "{Reason}: no more connections are accepted; open ones, {Connections}, may go on for {Delay}"
    )]
    private partial void LogDraining(string reason, int connections, TimeSpan delay);

    [LoggerMessage(737, LogLevel.Warning, "Connections that are still open are reset: {Connections}")]
    private partial void LogCut(int connections);
}
