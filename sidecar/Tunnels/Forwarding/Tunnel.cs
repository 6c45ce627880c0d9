using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Databases;
using RdsTunnel.Loopback;
using RdsTunnel.Tunnels.JumpHosts;
using RdsTunnel.Tunnels.Local;
using RdsTunnel.Tunnels.Measures;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>A target, a local port, and the sessions that lead from one to the other. It outlives its sessions. Thread-safe.</summary>
internal sealed class Tunnel : IConnectionObserver, IAsyncDisposable
{
    private readonly string _id;
    private readonly TunnelRequest _request;
    private readonly ITargets _targets;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ForwardingCounters _counters = new();
    private readonly TunnelMeasures _measures;
    private readonly SessionOpener _opener;
    private readonly TunnelAccess _access;
    private readonly TargetWatch _watch;
    private readonly WriterWatch _writers;
    private readonly ConcurrentDictionary<ForwardedConnection, bool> _connections = new();
    private readonly SessionPool _pool;
    private readonly Entrances _entrances;
    private readonly Action<TunnelInfo> _onStateChanged;
    private readonly ISessionServices _services;
    private readonly ConnectionSignIn? _signIn;
    private readonly ClusterNodes? _nodes;
    private readonly PersonWait _person;
    private readonly CurrentFault _fault;
    private readonly IPAddress _address;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private TunnelFault? _lastReset;
    private (
        TunnelState State,
        TunnelFault? Fault,
        TunnelFault? LastReset,
        string? Writer,
        int Nodes,
        string? Progress,
        string? Access
    ) _reported;
    private bool _isClosed;

    /// <exception cref="TunnelException">The local port cannot be bound, or the socket file not be made.</exception>
    public Tunnel(
        string id,
        TunnelRequest request,
        ISessionServices services,
        ITargets targets,
        SessionStarts starts,
        SessionEnds ends,
        JumpHostStarts jumpHosts,
        AccessRequests accesses,
        FindWriter? findWriter,
        Login? login,
        ClusterNodes? nodes,
        LocalAccess access,
        TunnelMeasures measures,
        Action<TunnelInfo> onStateChanged,
        TimeProvider time,
        ILogger logger
    )
    {
        _id = id;
        _request = request;
        _services = services;
        _targets = targets;
        _measures = measures;
        _onStateChanged = onStateChanged;
        _time = time;
        _logger = logger;
        _fault = new CurrentFault(id, Report, logger);
        _person = new PersonWait(_fault.Set, time);
        _access = new TunnelAccess(accesses, request.RequestAccess is { } why ? target => ReasonFor(why, target) : null, OnAccessChanged);
        _opener = new SessionOpener(request, services, targets, SessionThrough, starts, ends, jumpHosts, _access, Report, time, logger);
        _pool = new SessionPool(_opener.OpenAsync, request.MaxSessions, measures, time, logger);
        _watch = new TargetWatch(request, targets, _pool.Leave, _fault.Set, logger);
        _writers = new WriterWatch(findWriter, () => _counters.ConnectionsNow, OnWriterChanged, Report, time, logger);
        var localTls = request.LocalTls ? new LocalTls(time) : null;
        _signIn = login is null ? null : new ConnectionSignIn(LoginRules.EngineOf(request.Port, time)!, login, localTls);
        _pool.Changed += Report;
        _pool.ConnectToPortFailed += _watch.OnRefused;
        _pool.SessionLost += OnSessionLost;
        _pool.SessionResumed += _person.OnConnected;
        _nodes = nodes;
        _entrances = Entrances.Open(request, access, localTls, ServeAsync, measures.OnRefused, time, logger);
        _nodes?.BelongTo(this);
        _services.CredentialsRenewed += OnCredentialsRenewed;
        _targets.Chosen += OnJumpHostChosen;
        _address = access.Address;
        _measures.Follow(() => Info);
        TunnelLog.Listening(_logger, Endpoint, Destination);
        if (access.IsOfNetwork)
        {
            TunnelLog.OpenToNetwork(_logger, Endpoint);
        }
        else if (Admission.OpennessOf(access.OthersMayConnect) is { } openness)
        {
            TunnelLog.OpenToAll(_logger, _entrances.Port, openness);
        }
    }

    public int LocalPort => _entrances.Port;

    public TunnelInfo Info
    {
        get
        {
            lock (_gate)
            {
                return Describe(_pool.Snapshot());
            }
        }
    }

    /// <summary>Connections that are open, with those to nodes of its cluster.</summary>
    public int Connections => _connections.Count + (_nodes?.Connections ?? 0);

    /// <summary>How the data channel of the latest session was opened; null while there is none.</summary>
    public ChannelOpening? Channel => _pool.Snapshot().Channel;

    private IPEndPoint Endpoint => new(_address, _entrances.Port);

    private string Destination => $"{_request.Host ?? _request.Target}:{_request.Port}";

    /// <summary>Opens a session now.</summary>
    /// <exception cref="TunnelException">It could not be opened.</exception>
    public Task OpenAsync(CancellationToken cancellationToken) =>
        Spans.OpenTunnelAsync(_measures.Tunnel, () => OpenSessionAsync(cancellationToken));

    private async Task OpenSessionAsync(CancellationToken cancellationToken)
    {
        try
        {
            _fault.Forget();
            await _pool.WarmUpAsync(cancellationToken).ConfigureAwait(false);
            _person.OnConnected();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var fault = TunnelFaults.From(e);
            _fault.Set(fault);
            throw new TunnelException(fault.Code, fault.Message, e);
        }
    }

    /// <summary>Tells the state, if it has changed.</summary>
    public void Report()
    {
        TunnelInfo info;
        lock (_gate)
        {
            info = Describe(_pool.Snapshot());
            var reported = (info.State, info.Fault, info.LastReset, info.Writer, info.Nodes.Count, info.Progress, info.AccessRequestId);
            if (_reported == reported)
            {
                return;
            }

            _reported = reported;
            // Under the lock, so that the order of the reports is that of the states.
            _onStateChanged(info);
        }
    }

    /// <summary>Lets nobody in any more; completes when the connections that are there have ended.</summary>
    public Task DrainAsync() => Task.WhenAll(_entrances.DrainAsync(), _nodes?.DrainAsync() ?? Task.CompletedTask);

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        _services.CredentialsRenewed -= OnCredentialsRenewed;
        _targets.Chosen -= OnJumpHostChosen;
        // The port first: nothing new comes in while the sessions end.
        var forwarding = _entrances.DisposeAsync();
        var nodes = _nodes?.DisposeAsync() ?? ValueTask.CompletedTask;
        await _pool.DisposeAsync().ConfigureAwait(false);
        _access.Dispose();
        await forwarding.ConfigureAwait(false);
        await nodes.ConfigureAwait(false);
        await _writers.DisposeAsync().ConfigureAwait(false);
        _measures.Leave();
        Report();
        TunnelLog.Closed(_logger, Endpoint);
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        var forwarded = new ForwardedConnection(socket, _counters, this, _time, _logger);
        _counters.OnAccepted();
        _connections.TryAdd(forwarded, true);
        try
        {
            if (!_person.IsAnybodyWaiting)
            {
                _fault.Forget();
            }

            if (_signIn is not null)
            {
                await ServeSignedInAsync(_signIn, socket, forwarded, cancellationToken).ConfigureAwait(false);
                return;
            }

            while (
                !await forwarded
                    .RunAsync(await ConnectAsync(socket, cancellationToken).ConfigureAwait(false), signedIn: null, cancellationToken)
                    .ConfigureAwait(false)
            )
            {
                TunnelLog.ConnectionMoved(_logger, _entrances.Port);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            forwarded.ResetLocal();
        }
        catch (Exception e) when (e is OperationCanceledException or ToolGoneException)
        {
            TunnelLog.ClientGaveUp(_logger, _entrances.Port);
            forwarded.ResetLocal();
        }
        catch (LoginException e)
        {
            OnNotSignedIn(e);
        }
        catch (Exception e)
        {
            var fault = TunnelFaults.From(e);
            _measures.OnReset(fault.Code);
            _fault.Set(fault);
            forwarded.ResetLocal();
        }
        finally
        {
            _connections.TryRemove(forwarded, out _);
            _counters.OnClosed();
            _writers.OnEnded(forwarded.HasTargetEndedIt);
        }
    }

    private async Task ServeSignedInAsync(
        ConnectionSignIn signIn,
        Socket socket,
        ForwardedConnection forwarded,
        CancellationToken cancellationToken
    )
    {
        var signedIn = await Spans
            .LogInAsync(
                _measures.Tunnel,
                () =>
                    signIn.RunAsync(
                        socket,
                        (get, token) => ClientWatch.WhileThereAsync(socket, each => _person.RunAsync(get, each), _time, token),
                        token => ConnectAsync(socket, token),
                        _time,
                        cancellationToken
                    )
            )
            .ConfigureAwait(false);
        if (signedIn is var (connection, pipe))
        {
            _measures.OnLogin(failure: null);
            await using (pipe.ConfigureAwait(false))
            {
                forwarded.OnAnswered(connection);
                await forwarded.RunAsync(connection, pipe, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Strangers say nothing of the tunnel.
    private void OnNotSignedIn(LoginException failure)
    {
        var fault = TunnelFaults.From(failure);
        _measures.OnLogin(failure.Error);
        TunnelLog.NotSignedIn(_logger, _entrances.Port, fault.Message);
        if (failure.Error is not (LoginError.NotTheProtocol or LoginError.ToolUnsupported or LoginError.WrongLocalPassword))
        {
            _fault.Set(fault);
        }
    }

    /// <exception cref="OperationCanceledException">The client is gone, or the tunnel is being closed.</exception>
    private Task<PortConnection> ConnectAsync(Socket socket, CancellationToken cancellationToken) =>
        ClientWatch.WhileThereAsync(
            socket,
            waiting => _person.RunAsync(token => _pool.ConnectAsync(() => !LoopbackPeer.HasGivenUp(socket), token), waiting),
            _time,
            cancellationToken
        );

    private void OnCredentialsRenewed()
    {
        _person.OnHelped();
        _opener.OnCredentialsRenewed();
        _access.Hurry();
        _pool.Hurry();
    }

    private PortSessionRequest SessionThrough(string target) =>
        new(
            target,
            _request.Host,
            _request.Port,
            ReasonFor(_request.Reason ?? SessionReason.Default, target),
            _request.Document,
            _entrances.Port
        );

    private string ReasonFor(string template, string target) => SessionReason.Expand(template, _request, target, _entrances.Port);

    // Approved or not: what waits for it goes on, and without anybody who waits the state says how things stand.
    private void OnAccessChanged()
    {
        var failure = _access.Failure is { } why ? TunnelFaults.From(why) : null;
        _fault.Replace(TunnelFaults.IsUpToAPerson, failure);
        _person.OnHelped();
        Report();
    }

    private void OnJumpHostChosen()
    {
        _fault.Replace(fault => fault.Code == TunnelErrorCode.JumpHostChoiceNeeded, null);
        _person.OnHelped();
    }

    void IConnectionObserver.OnAnswered(PortConnection connection, TimeSpan sinceAccepted)
    {
        _measures.OnFirstByte(sinceAccepted);
        _watch.OnAnswered(connection.Session);
        _writers.OnAnswered();
    }

    void IConnectionObserver.OnGivenUp(PortConnection connection, TimeSpan after, bool hasAsked) =>
        _watch.OnGivenUp(connection.Session, after, hasAsked);

    void IConnectionObserver.OnReset(Exception reason)
    {
        var fault = TunnelFaults.From(reason);
        _measures.OnReset(fault.Code);
        lock (_gate)
        {
            _lastReset = fault;
        }

        Report();
    }

    private void OnWriterChanged(string former, string writer)
    {
        var reason = new TunnelException(
            TunnelErrorCode.WriterChanged,
            $"The cluster has failed over: {writer} is its writer now. The connection led to the former one, {former}. Connect again."
        );
        foreach (var connection in _connections.Keys)
        {
            connection.Reset(reason);
        }
    }

    // Another session would end in the same way.
    private void OnSessionLost(PortSession session, Exception reason)
    {
        if (_request.Host is { } host && TunnelFaults.From(reason).Code == TunnelErrorCode.HostForbidden)
        {
            _fault.Set(new TunnelFault(TunnelErrorCode.HostForbidden, ForbiddenHost.Refusal(host, session.AgentVersion)));
        }
    }

    // Under _gate.
    private TunnelInfo Describe(PoolSnapshot pool)
    {
        var (state, fault) = _isClosed
            ? (TunnelState.Closed, null)
            : TunnelStates.Of(pool, _fault.Value, _person.IsAnybodyWaiting, _opener.Progress is not null);
        return new TunnelInfo(
            _id,
            _request,
            _opener.Target,
            _entrances.Port,
            state,
            fault,
            _lastReset,
            new TunnelStatistics(
                _counters.ConnectionsNow,
                _counters.ConnectionsTotal,
                _counters.BytesUp,
                _counters.BytesDown,
                pool.RoundTripTime,
                pool.Retransmissions,
                pool.Resumes,
                pool.Sessions,
                pool.SessionsTotal
            ),
            _writers.Writer
        )
        {
            Address = _address,
            SocketPath = _isClosed ? null : _entrances.SocketPath,
            CertificatePath = _isClosed ? null : _entrances.CertificatePath,
            Nodes = _isClosed ? [] : _nodes?.List ?? [],
            AccessRequestId = _access.RequestId,
            Progress = state == TunnelState.StartingJumpHost ? _opener.Progress : null,
        };
    }
}
