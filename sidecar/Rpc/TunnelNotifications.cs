using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>Tells the client what happens to its tunnels: each change of state at once, the
/// counters at intervals while they change.</summary>
public sealed class TunnelNotifications(ITunnelList tunnels, JsonRpcConnection connection, TimeProvider time)
{
    /// <summary>Four a second for each tunnel: smooth for the eye, nothing for the wire.</summary>
    public static readonly TimeSpan StatisticsInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A client that is this many states of one tunnel behind needs the newest, not all of them.</summary>
    public const int MaxWaitingStates = 16;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        tunnels.StateChanged += OnStateChanged;
        try
        {
            await SendStatisticsAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            tunnels.StateChanged -= OnStateChanged;
        }
    }

    private void OnStateChanged(TunnelInfo info) =>
        connection.Notify($"state {info.Id}", MaxWaitingStates, ServerNotifications.StateChanged, new(Tunnel.From(info)));

    private async Task SendStatisticsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(StatisticsInterval, time);
        var told = new Dictionary<string, TunnelStatistics>();
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            var now = tunnels.List();
            foreach (var gone in told.Keys.Except(now.Select(info => info.Id)).ToArray())
            {
                told.Remove(gone);
            }

            foreach (var info in now)
            {
                if (!told.TryGetValue(info.Id, out var before))
                {
                    before = Nothing;
                }

                if (info.Statistics != before)
                {
                    connection.Notify(
                        $"statistics {info.Id}",
                        maxWaiting: 1,
                        ServerNotifications.Statistics,
                        new(info.Id, Statistics.From(info.Statistics))
                    );
                }

                told[info.Id] = info.Statistics;
            }
        }
    }

    /// <summary>What a client knows of a tunnel that has just been opened.</summary>
    private static readonly TunnelStatistics Nothing = new(0, 0, 0, 0, null, 0, 0, 0, 0);
}
