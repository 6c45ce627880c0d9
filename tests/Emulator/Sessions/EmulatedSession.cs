using System.Security.Cryptography;
using RdsTunnel.Emulator.Wire;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Sessions;

/// <summary>One session, from StartSession until it is over, and listed ever after. Thread-safe.</summary>
public sealed partial class EmulatedSession : IAsyncDisposable
{
    private readonly SessionLimits _limits;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly CancellationTokenSource _agentKilled = new();
    private readonly TaskCompletionSource _agentDead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SessionEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<Task> _background = [];
    private long _lastDataTimestamp;

    internal EmulatedSession(
        string id,
        string region,
        EmulatedInstance instance,
        string documentName,
        PortSessionProperties properties,
        SessionLimits limits,
        TimeProvider time,
        ILogger logger
    )
    {
        Id = id;
        Region = region;
        Instance = instance;
        DocumentName = documentName;
        Properties = properties;
        TimeProvider = time;
        StartedAt = time.GetUtcNow();
        _limits = limits;
        _logger = logger;
        _lastDataTimestamp = time.GetTimestamp();
        Faults = new SessionFaults(this);
        Relay = new DataChannelRelay(new ServiceMessages(id, time), Counters, Faults) { DataSeen = TouchData };
        RunInBackground(EndWhenIdleAsync);
        if (limits.MaximumDuration is { } maximum)
        {
            RunInBackground(async cancellationToken =>
            {
                await Task.Delay(maximum, time, cancellationToken).ConfigureAwait(false);
                End(SessionEndReason.MaximumDuration, "Your session has reached its maximum duration.");
            });
        }
    }

    public string Id { get; }

    /// <summary>Where it was started.</summary>
    public string Region { get; }

    /// <summary>Says which part of the gateway has the session; its characters are those that clients get wrong.</summary>
    public string CellNumber { get; } = $"AAEA{Convert.ToBase64String(RandomNumberGenerator.GetBytes(12))}+k/N0w==";

    public EmulatedInstance Instance { get; }

    public string DocumentName { get; }

    public PortSessionProperties Properties { get; }

    /// <summary>As its client gave it; null for none.</summary>
    public string? Reason { get; internal init; }

    /// <summary>Whose credentials have started it; null for those of an identity.</summary>
    public string? AccessRequestId { get; internal init; }

    public DateTimeOffset StartedAt { get; }

    public SessionCounters Counters { get; } = new();

    public SessionFaults Faults { get; }

    public bool IsClientConnected => Relay.IsAttached(RelaySide.Client);

    public bool IsNodeConnected => Relay.IsAttached(RelaySide.Node);

    /// <summary>Completes when the session is over.</summary>
    public Task<SessionEnd> Ended => _ended.Task;

    /// <summary>Why the session is over; null while it is not.</summary>
    public SessionEnd? EndedWith { get; private set; }

    internal TimeProvider TimeProvider { get; }

    internal DataChannelRelay Relay { get; }

    /// <summary>The agent is to stop dead.</summary>
    internal CancellationToken AgentKilled => _agentKilled.Token;

    /// <summary>Completes when a killed agent does nothing any more.</summary>
    internal Task AgentDead => _agentDead.Task;

    internal SessionTokens Tokens { get; } = new();

    internal TimeSpan ClientConnectionLifetime => _limits.ClientConnectionLifetime;

    /// <summary>Ends the session, once: tells both sides, closes their connections, stops what runs for it.</summary>
    internal void End(SessionEndReason reason, string output)
    {
        var end = new SessionEnd(reason, output, TimeProvider.GetUtcNow());
        lock (_gate)
        {
            if (EndedWith is not null)
            {
                return;
            }

            EndedWith = end;
        }

        LogEnded(Id, reason, output);
        Relay.End(output);
        _lifetime.Cancel();
        _ended.SetResult(end);
    }

    /// <summary>Puts an agent on the node's side, once; when it is done, so is the session.</summary>
    internal void StartAgent(ISessionAgent agent) =>
        RunInBackground(async cancellationToken =>
            End(SessionEndReason.AgentFinished, await agent.RunAsync(cancellationToken).ConfigureAwait(false))
        );

    internal void KillAgent() => _agentKilled.Cancel();

    internal void OnAgentDead() => _agentDead.TrySetResult();

    /// <summary>Runs work that ends with the session; a fault of it ends the session.</summary>
    internal void RunInBackground(Func<CancellationToken, Task> work)
    {
        lock (_gate)
        {
            _background.RemoveWhere(task => task.IsCompleted);
            _background.Add(ObserveAsync(work));
        }
    }

    public async ValueTask DisposeAsync()
    {
        End(SessionEndReason.EmulatorStopped, "");
        Task[] background;
        lock (_gate)
        {
            background = [.. _background];
        }

        await Task.WhenAll(background).ConfigureAwait(false);
        _lifetime.Dispose();
        _agentKilled.Dispose();
    }

    private async Task ObserveAsync(Func<CancellationToken, Task> work)
    {
        var lifetime = _lifetime.Token;
        try
        {
            await Task.Yield();
            await work(lifetime).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lifetime.IsCancellationRequested)
        {
            // The session is over.
        }
#pragma warning disable CA1031 // Whatever it is, it ends the session and is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(Id, exception);
            End(SessionEndReason.EmulatorFailed, exception.Message);
        }
    }

    private void TouchData() => Volatile.Write(ref _lastDataTimestamp, TimeProvider.GetTimestamp());

    private async Task EndWhenIdleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var left = _limits.IdleTimeout - TimeProvider.GetElapsedTime(Volatile.Read(ref _lastDataTimestamp));
            if (left <= TimeSpan.Zero)
            {
                End(SessionEndReason.IdleTimeout, "Your session timed out due to inactivity.");
                return;
            }

            await Task.Delay(left + TimeSpan.FromMilliseconds(1), TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(10, LogLevel.Information, "{SessionId} is over: {Reason} {Output}")]
    private partial void LogEnded(string sessionId, SessionEndReason reason, string output);

    [LoggerMessage(11, LogLevel.Error, "{SessionId} failed")]
    private partial void LogFailed(string sessionId, Exception exception);
}
