using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>Keeps a session open in each tunnel, so that readiness is known without waiting for a connection; tells when a tunnel
/// becomes ready, and why it isn't. Thread-safe.</summary>
internal sealed partial class ServeKeeper(ITunnels tunnels, TimeProvider time, ILogger<ServeKeeper> logger)
{
    /// <summary>From one attempt to the next: twice as long each time.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LastPause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Kept> _kept = new();

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(IReadOnlyList<TunnelInfo> opened, CancellationToken cancellationToken)
    {
        foreach (var tunnel in opened)
        {
            _kept[tunnel.Id] = new Kept();
        }

        tunnels.StateChanged += OnStateChanged;
        try
        {
            await Task.WhenAll(opened.Select(tunnel => KeepAsync(tunnel.Id, _kept[tunnel.Id], cancellationToken))).ConfigureAwait(false);
        }
        finally
        {
            tunnels.StateChanged -= OnStateChanged;
        }
    }

    /// <summary>What has failed may succeed now: somebody has signed in, for example.</summary>
    public void OnHelped()
    {
        foreach (var kept in _kept.Values)
        {
            kept.Helped.Raise();
        }
    }

    private async Task KeepAsync(string id, Kept kept, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (true)
        {
            var (helped, lost) = (kept.Helped.Next, kept.Lost.Next);
            if (tunnels.Find(id) is not { } now || ServeHealth.IsReady(now))
            {
                pause = FirstPause;
                await lost.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                await tunnels.WarmUpAsync(id, cancellationToken).ConfigureAwait(false);
            }
            catch (TunnelException)
            {
                // Its state says why, which was told.
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(id, e); // this tunnel's alone: the others carry on
            }

            await helped.WaitAsync(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            pause = pause * 2 < LastPause ? pause * 2 : LastPause;
        }
    }

    private void OnStateChanged(TunnelInfo info)
    {
        if (!_kept.TryGetValue(info.Id, out var kept))
        {
            return;
        }

        var isReady = ServeHealth.IsReady(info);
        if (info.Fault is { } fault)
        {
            if (kept.Tell(fault.Code))
            {
                LogNotReady(info.Name, fault.Message, fault.Code);
            }
        }
        else if (isReady && kept.Tell(null))
        {
            LogReady(info.Name);
        }

        if (!isReady)
        {
            kept.Lost.Raise();
        }
    }

    [LoggerMessage(738, LogLevel.Information, "{Tunnel} is ready")]
    private partial void LogReady(string tunnel);

    [LoggerMessage(739, LogLevel.Warning, "{Tunnel} isn't ready: {Message} ({Code})")]
    private partial void LogNotReady(string tunnel, string message, TunnelErrorCode code);

    [LoggerMessage(742, LogLevel.Error, "Opening a session of {Tunnel} failed unexpectedly")]
    private partial void LogFailed(string tunnel, Exception exception);

    private sealed class Kept
    {
        private readonly Lock _gate = new();
        private (bool IsTold, TunnelErrorCode? Code) _told; // guarded by _gate

        public Signal Helped { get; } = new();

        public Signal Lost { get; } = new();

        /// <param name="code">Of what is amiss; null when nothing is.</param>
        /// <returns>Whether that is news.</returns>
        public bool Tell(TunnelErrorCode? code)
        {
            lock (_gate)
            {
                (var before, _told) = (_told, (true, code));
                return before != _told;
            }
        }
    }

    /// <summary>Lets those go on who have been waiting for it.</summary>
    private sealed class Signal
    {
        private TaskCompletionSource _next = New(); // exchanged atomically

        public Task Next => Volatile.Read(ref _next).Task;

        public void Raise() => Interlocked.Exchange(ref _next, New()).TrySetResult();

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
