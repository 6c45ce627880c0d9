using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Faults;
using RdsTunnel.Programs;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Agents;

/// <param name="Opened">As it was then.</param>
/// <param name="Action">What the log says of it.</param>
/// <param name="Database">As AWS lists it; null when it does not.</param>
/// <param name="Variables">The environment in which programs find the database.</param>
public sealed record AgentTunnel(
    TunnelInfo Opened,
    AgentAction Action,
    Database? Database,
    IReadOnlyDictionary<string, string> Variables,
    DateTimeOffset OpenedAt
);

/// <summary>The tunnels that agents have opened. None of a person's is among them. Thread-safe.</summary>
public sealed partial class AgentTunnels(
    ITunnels tunnels,
    IDatabaseReach reach,
    IAgentLog log,
    TimeProvider time,
    ILogger<AgentTunnels> logger
)
{
    /// <summary>More than anybody keeps in mind; each has sessions at AWS.</summary>
    public const int MaxTunnels = 16;

    /// <summary>A client of an agent gives a tool a minute, as a rule.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, AgentTunnel> _open = new();
    private readonly Channel<AgentTunnel> _closed = Channel.CreateBounded<AgentTunnel>(4 * MaxTunnels);
    private int _taken; // changed atomically

    /// <summary>Ordered by local port; with each, how it is now.</summary>
    public IReadOnlyList<(AgentTunnel Tunnel, TunnelInfo Now)> List() =>
        [.. from info in tunnels.List() where _open.ContainsKey(info.Id) select (_open[info.Id], info)];

    /// <exception cref="AgentException">There is none.</exception>
    public (AgentTunnel Tunnel, TunnelInfo Now) Find(string id) =>
        List().FirstOrDefault(each => each.Now.Id == id) is { Tunnel: not null } found ? found : throw NotFound();

    /// <summary>The same as <paramref name="request"/> asks for, if there is one.</summary>
    public (AgentTunnel Tunnel, TunnelInfo Now)? FindSame(TunnelRequest request) =>
        List()
            // The port is whichever was free.
            .Where(each => each.Tunnel.Opened.Request with { Reason = request.Reason, LocalPort = request.LocalPort } == request)
            .Select(each => ((AgentTunnel, TunnelInfo)?)each)
            .FirstOrDefault();

    /// <summary>Opens a tunnel, and waits until the database answers. What fails or is cancelled leaves
    /// nothing behind. The log is written first: nothing is opened that it does not tell of.</summary>
    /// <param name="databaseName">The database's own name; null for the one that AWS knows.</param>
    /// <exception cref="TunnelException"/>
    /// <exception cref="AgentException">There are too many.</exception>
    public async Task<AgentTunnel> OpenAsync(
        TunnelRequest request,
        AgentAction action,
        Database? database,
        string? databaseName,
        Func<string, Task> tellAsync,
        CancellationToken cancellationToken
    )
    {
        if (Interlocked.Increment(ref _taken) > MaxTunnels)
        {
            Interlocked.Decrement(ref _taken);
            throw new AgentException(AgentErrorCode.TooManyTunnels, $"{MaxTunnels} tunnels are open. Close one that is no longer needed.");
        }

        TunnelInfo? opened = null;
        try
        {
            await log.WriteAsync(action, cancellationToken).ConfigureAwait(false);
            await tellAsync("Opening a session").ConfigureAwait(false);
            opened = await tunnels.OpenAsync(request, cancellationToken).ConfigureAwait(false);
            await tellAsync("Waiting for the database").ConfigureAwait(false);
            var wanted = new WantedDatabase(Database: databaseName ?? NameOf(database));
            var reached = await reach.WaitAsync(opened, wanted, Patience, cancellationToken).ConfigureAwait(false);
            var done = action with { Action = AgentActionKind.Opened, LocalPort = opened.LocalPort };
            await log.WriteAsync(done, cancellationToken).ConfigureAwait(false);
            var tunnel = new AgentTunnel(opened, done, database, SetBy(reached), time.GetUtcNow());
            _open[opened.Id] = tunnel;
            if (tunnels.Find(opened.Id) is null)
            {
                // A person has closed it meanwhile.
                Forget(opened.Id);
            }

            return tunnel;
        }
        catch (Exception e)
        {
            if (opened is not null)
            {
                await CloseQuietlyAsync(opened.Id).ConfigureAwait(false);
            }

            Interlocked.Decrement(ref _taken);
            await TryLogAsync(
                    action with
                    {
                        Action = AgentActionKind.Failed,
                        Error = e is OperationCanceledException ? "Cancelled" : SafeText.Describe(e),
                    }
                )
                .ConfigureAwait(false);
            throw;
        }
    }

    /// <exception cref="AgentException">There is none.</exception>
    public async Task CloseAsync(string id, CancellationToken cancellationToken)
    {
        if (!_open.TryRemove(id, out var tunnel))
        {
            throw NotFound();
        }

        Interlocked.Decrement(ref _taken);
        // Whoever gives up waiting has closed it all the same: the log tells it.
        await CloseAndLogAsync(id, tunnel).WaitOrLeaveAsync(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
    }

    private async Task CloseAndLogAsync(string id, AgentTunnel tunnel)
    {
        await CloseQuietlyAsync(id).ConfigureAwait(false);
        await LogClosedAsync(tunnel).ConfigureAwait(false);
    }

    /// <summary>A person closes tunnels, too: they are forgotten, and the log tells it.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        tunnels.StateChanged += OnStateChanged;
        try
        {
            await foreach (var tunnel in _closed.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await LogClosedAsync(tunnel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // EndAsync tells the rest.
        }
        finally
        {
            tunnels.StateChanged -= OnStateChanged;
        }
    }

    /// <summary>The process ends, and its tunnels with it: the log tells that, too.</summary>
    public async Task EndAsync()
    {
        while (_closed.Reader.TryRead(out var closed))
        {
            await LogClosedAsync(closed).ConfigureAwait(false);
        }

        foreach (var id in _open.Keys)
        {
            if (_open.TryRemove(id, out var tunnel))
            {
                await LogClosedAsync(tunnel).ConfigureAwait(false);
            }
        }
    }

    private void OnStateChanged(TunnelInfo info)
    {
        if (info.State == TunnelState.Closed)
        {
            Forget(info.Id);
        }
    }

    private void Forget(string id)
    {
        if (!_open.TryRemove(id, out var tunnel))
        {
            return;
        }

        Interlocked.Decrement(ref _taken);
        if (!_closed.Writer.TryWrite(tunnel))
        {
            LogNotWritten(exception: null, AgentActionKind.Closed);
        }
    }

    private Task LogClosedAsync(AgentTunnel tunnel) => TryLogAsync(tunnel.Action with { Action = AgentActionKind.Closed, Consent = null });

    private async Task CloseQuietlyAsync(string id)
    {
        try
        {
            await tunnels.CloseAsync(id, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TunnelException e) when (e.Code == TunnelErrorCode.NotFound)
        {
            // It is closed.
        }
    }

    // What has happened is not undone because nobody could write it down.
    private async Task TryLogAsync(AgentAction action)
    {
        try
        {
            await log.WriteAsync(action, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TunnelException e)
        {
            LogNotWritten(e, action.Action);
        }
    }

    private static Dictionary<string, string> SetBy(ReachedDatabase database) =>
        DatabaseVariables
            .Of(database)
            .Where(each => each.Value is not null)
            .ToDictionary(each => each.Key, each => each.Value!, StringComparer.Ordinal);

    // What AWS lists becomes a value of programs' environment.
    private static string? NameOf(Database? database) =>
        database?.DatabaseName is { } name && TunnelRules.Database.ProblemOf(name) is null ? name : null;

    private static AgentException NotFound() =>
        new(AgentErrorCode.NotFound, "There is no tunnel with this ID that an agent opened here. Use tunnel_status to list them.");

    [LoggerMessage(800, LogLevel.Error, "{Action} is missing from the log of agents' actions")]
    private partial void LogNotWritten(Exception? exception, AgentActionKind action);
}
