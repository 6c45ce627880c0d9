using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Databases;
using RdsTunnel.Faults;
using RdsTunnel.Loopback;
using RdsTunnel.Tunnels.JumpHosts;
using RdsTunnel.Tunnels.Measures;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <inheritdoc cref="ITunnels"/>
/// <param name="writers">Null where failovers are nobody's business.</param>
/// <param name="logins">Null where no tunnel has a login.</param>
/// <param name="access">Null for ports alone, and this user alone.</param>
public sealed class TunnelManager(
    ISessionServices services,
    ITargets targets,
    IWriters? writers,
    TimeProvider time,
    ILoggerFactory loggers,
    ILogins? logins = null,
    LocalAccess? access = null
) : ITunnels
{
    private readonly ILogger _logger = loggers.CreateLogger("RdsTunnel.Tunnels");
    private readonly SessionStarts _starts = new(time, loggers.CreateLogger("RdsTunnel.Tunnels"));
    private readonly SessionEnds _ends = new(time, loggers.CreateLogger("RdsTunnel.Tunnels"));
    private readonly JumpHostStarts _jumpHosts = new(time, loggers.CreateLogger("RdsTunnel.Tunnels"));
    private readonly AccessRequests _accesses = new(time, loggers.CreateLogger("RdsTunnel.Tunnels"));
    private readonly TunnelMeter _meter = new();
    private readonly ConcurrentDictionary<string, Tunnel> _tunnels = new();
    private int _lastId;
    private volatile bool _isClosed;

    public event Action<TunnelInfo>? StateChanged;

    public async Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        TunnelRules.Require(request);
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var login = LoginFor(request);
        var id = $"tunnel-{Interlocked.Increment(ref _lastId)}";
        var tunnel = NewTunnel(id, request, login);
        _tunnels[id] = tunnel;
        try
        {
            tunnel.Report();
            if (request.OpenNow)
            {
                await OpenNowAsync(tunnel, cancellationToken).ConfigureAwait(false);
            }

            // The end may have come in the meantime, and have looked before this tunnel was there.
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return tunnel.Info;
        }
        catch
        {
            _tunnels.TryRemove(id, out _);
            await tunnel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // An approval may take longer than anybody waits for an answer: the tunnel is there, and says what it waits for.
    private static async Task OpenNowAsync(Tunnel tunnel, CancellationToken cancellationToken)
    {
        try
        {
            await tunnel.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TunnelException e) when (e.Code == TunnelErrorCode.AccessPending)
        {
            // Its state says so.
        }
    }

    private Tunnel NewTunnel(string id, TunnelRequest request, Login? login)
    {
        // Not its host, which would be the name of one without a name.
        var label = request.Name ?? id;
        var nodes = login is null ? null : new ClusterNodes(request, login, OpenNode, _logger);
        return New(
            id,
            request,
            targets,
            writers?.QuestionFor(request),
            login is null ? null : login with { Peers = nodes?.SeenFrom(request.Host!) },
            nodes,
            _meter.For(label, tellsState: !request.IsOwn),
            info => StateChanged?.Invoke(info)
        );

        Tunnel OpenNode(TunnelRequest node, Login nodeLogin) =>
            New(
                $"{id} {node.Host}",
                node,
                new ClusterTargets(targets, request),
                null,
                nodeLogin,
                null,
                _meter.For(label, tellsState: false),
                _ => { }
            );
    }

    private Tunnel New(
        string id,
        TunnelRequest request,
        ITargets targetsOf,
        FindWriter? findWriter,
        Login? login,
        ClusterNodes? nodes,
        TunnelMeasures measures,
        Action<TunnelInfo> onStateChanged
    ) =>
        new(
            id,
            request,
            services,
            targetsOf,
            _starts,
            _ends,
            _jumpHosts,
            _accesses,
            findWriter,
            login,
            nodes,
            AccessTo(request, login),
            measures,
            onStateChanged,
            time,
            _logger
        );

    // No setting lets other users use this one's login, unless they know its password.
    private LocalAccess AccessTo(TunnelRequest request, Login? login) =>
        request.IsOwn || access is null ? LocalAccess.OfThisMachine
        : login is null or { LocalPassword: not null } ? access
        : access with { OthersMayConnect = false };

    /// <exception cref="TunnelException">There can be none.</exception>
    private Login? LoginFor(TunnelRequest request)
    {
        if (request.Login is null)
        {
            return null;
        }

        if (!LoopbackPeer.CanTell && !request.LocalPassword)
        {
            throw new TunnelException(
                TunnelErrorCode.InvalidRequest,
                "A login isn't possible on this system: it doesn't tell which user a local connection belongs to, so every user of this computer could use the database. Set a local password (localPassword), or open the tunnel without a login."
            );
        }

        if (access is { IsOfNetwork: true } && request is { LocalPassword: false, IsOwn: false })
        {
            throw new TunnelException(
                TunnelErrorCode.InvalidRequest,
                $"A login isn't possible on {access.Address}: over a network, nobody can tell whose a connection is, so every program that reaches this address could use the database. Set a local password (localPassword), use a socket file, or open the tunnel without a login."
            );
        }

        try
        {
            return logins?.LoginFor(request) ?? throw new InvalidOperationException("Nobody makes logins here.");
        }
        catch (AwsException e)
        {
            throw new TunnelException(e);
        }
    }

    public Task WarmUpAsync(string tunnelId, CancellationToken cancellationToken) =>
        _tunnels.TryGetValue(tunnelId, out var tunnel) ? tunnel.OpenAsync(cancellationToken) : throw TunnelException.NoSuchTunnel(tunnelId);

    public async Task CloseAsync(string tunnelId, CancellationToken cancellationToken)
    {
        if (!_tunnels.TryRemove(tunnelId, out var tunnel))
        {
            throw TunnelException.NoSuchTunnel(tunnelId);
        }

        await tunnel
            .DisposeAsync()
            .AsTask()
            .WaitOrLeaveAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken)
            .ConfigureAwait(false);
    }

    public IReadOnlyList<TunnelInfo> List() => [.. _tunnels.Values.Select(tunnel => tunnel.Info).OrderBy(info => info.LocalPort)];

    public TunnelInfo? Find(string tunnelId) => _tunnels.TryGetValue(tunnelId, out var tunnel) ? tunnel.Info : null;

    /// <summary>How the data channel of a tunnel's latest session was opened; null while there is none.</summary>
    public ChannelOpening? ChannelOf(string tunnelId) =>
        _tunnels.TryGetValue(tunnelId, out var tunnel) ? tunnel.Channel : throw TunnelException.NoSuchTunnel(tunnelId);

    /// <summary>Connections of all tunnels that are open.</summary>
    public int Connections => _tunnels.Values.Sum(tunnel => tunnel.Connections);

    /// <summary>Lets nobody in any more; completes when the connections that are there have ended.</summary>
    public Task DrainAsync() => Task.WhenAll(_tunnels.Values.Select(tunnel => tunnel.DrainAsync()));

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        var tunnels = _tunnels.Values.ToArray();
        _tunnels.Clear();
        await Task.WhenAll([.. tunnels.Select(tunnel => tunnel.DisposeAsync().AsTask()), _ends.DisposeAsync().AsTask()])
            .ConfigureAwait(false);
        await _accesses.DisposeAsync().ConfigureAwait(false);
        // Its sessions first: nobody stops a jump host under them.
        await _jumpHosts.DisposeAsync().ConfigureAwait(false);
        _meter.Dispose();
    }
}
