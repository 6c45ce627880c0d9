using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.DataChannels;
using RdsTunnel.Smux;
using RdsTunnel.Tunnels.Local;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>A session that another program has started, and its connections. Unlike a
/// <see cref="Tunnel"/> it ends with that session. Thread-safe; disposing it ends the session.</summary>
public sealed class AdoptedSession : IConnectionObserver, IAsyncDisposable
{
    /// <summary>Of AWS's plugin: that whose protocol is spoken.</summary>
    public const string ClientVersion = DataChannelOptions.ClientVersion;

    /// <summary>For what was sent last to reach the agent, when whoever sent it has ended.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    private readonly PortSession _session;
    private readonly SessionEnds _ends;
    private readonly ForwardingCounters _counters = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private LocalForwarder? _forwarder;

    private AdoptedSession(PortSession session, SessionEnds ends, TimeProvider time, ILogger logger) =>
        (_session, _ends, _time, _logger) = (session, ends, time, logger);

    /// <summary>A local connection has been accepted. Handlers must not block.</summary>
    public event Action? Accepted;

    /// <summary>The agent could not connect to the target. Handlers must not block.</summary>
    public event Action? Refused
    {
        add => _session.ConnectToPortFailed += value;
        remove => _session.ConnectToPortFailed -= value;
    }

    /// <summary>False where the session is one connection, as SSH's are: <see cref="CopyAsync"/> is
    /// for these, <see cref="Listen"/> for the others.</summary>
    public bool Forwards => _session.Forwards;

    /// <summary>Opens the session's data channel.</summary>
    /// <param name="target">The jump host, for errors.</param>
    /// <exception cref="TunnelException">It could not be opened; the session has been ended.</exception>
    public static async Task<AdoptedSession> OpenAsync(
        ISessionService service,
        SessionAccess access,
        string target,
        TimeProvider time,
        ILoggerFactory loggers,
        CancellationToken cancellationToken
    )
    {
        var logger = loggers.CreateLogger("RdsTunnel.Tunnels");
        var ends = new SessionEnds(time, logger);
        try
        {
            var session = await PortSession
                .AdoptAsync(service, access, target, takesRaw: true, ends, new ChannelSigning(), time, logger, cancellationToken)
                .ConfigureAwait(false);
            return new AdoptedSession(session, ends, time, logger);
        }
        catch (Exception e)
        {
            await ends.DisposeAsync().ConfigureAwait(false);
            if (e is OperationCanceledException)
            {
                throw;
            }

            throw Failure(e);
        }
    }

    /// <summary>Ends with the session.</summary>
    /// <exception cref="TunnelException">It has ended without having been asked to.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _session.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Failure(e is SmuxException { InnerException: DataChannelException cause } ? cause : e);
        }
    }

    /// <summary>Listens on the port that the session's document says. Called once.</summary>
    /// <param name="address">Of the loopback, IPv4: of such connections the system can tell whose they are.</param>
    /// <param name="othersMay">Other users of this machine may connect.</param>
    /// <returns>The port.</returns>
    /// <exception cref="TunnelException">The port cannot be bound, or the document wants no port.</exception>
    public int Listen(IPAddress address, bool othersMay)
    {
        if (_session.Properties.LocalConnectionType is "unix")
        {
            throw new TunnelException(
                TunnelErrorCode.InvalidRequest,
                "The session document wants a socket file at a path of its own. Use a document that forwards to a local port."
            );
        }

        var port =
            _session.Properties.LocalPort is not { Length: > 0 } text ? 0
            : int.TryParse(text, out var number) && number is >= 0 and <= IPEndPoint.MaxPort ? number
            : throw new TunnelException(
                TunnelErrorCode.InvalidRequest,
                "The local port must be a number from 0 to 65535. Set localPortNumber to one."
            );
        var listener = LocalPort.Listen(address, port);
        port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _forwarder = new LocalForwarder(listener, port, othersMay, ServeAsync, _ => { }, _time, _logger);
        if (Admission.OpennessOf(othersMay) is { } why)
        {
            TunnelLog.OpenToAll(_logger, port, why);
        }

        return port;
    }

    /// <summary>Copies both ways until either end is reached.</summary>
    public async Task CopyAsync(IDuplexPipe local, CancellationToken cancellationToken)
    {
        if (_session.TryConnect() is not { } connection)
        {
            return; // it has ended already, and WaitAsync says why
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var up = local.Input.CopyToAsync(connection.Pipe.Output, ending.Token);
        var down = connection.Pipe.Input.CopyToAsync(local.Output, CancellationToken.None);
        if (await Task.WhenAny(up, down).ConfigureAwait(false) == up)
        {
            // What was sent goes out before the end does.
            await _session
                .ReleaseAsync(connection)
                .AsTask()
                .WaitAsync(DrainTime, _time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await ending.CancelAsync().ConfigureAwait(false);
        await _session.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await local.Output.CompleteAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        // The port first: nothing new comes in while the session ends.
        var forwarding = _forwarder?.DisposeAsync() ?? ValueTask.CompletedTask;
        await _session.DisposeAsync().ConfigureAwait(false);
        await forwarding.ConfigureAwait(false);
        await _ends.DisposeAsync().ConfigureAwait(false);
    }

    // The session's end and resets are in the log.
    void IConnectionObserver.OnReset(Exception reason) { }

    void IConnectionObserver.OnAnswered(PortConnection connection, TimeSpan sinceAccepted) { }

    void IConnectionObserver.OnGivenUp(PortConnection connection, TimeSpan after, bool hasAsked) { }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        Accepted?.Invoke();
        var forwarded = new ForwardedConnection(socket, _counters, this, _time, _logger);
        if (
            _session.TryConnect() is not { } connection
            || !await forwarded.RunAsync(connection, signedIn: null, cancellationToken).ConfigureAwait(false)
        )
        {
            forwarded.ResetLocal();
        }
    }

    private static TunnelException Failure(Exception failure)
    {
        var fault = TunnelFaults.From(failure);
        return new TunnelException(fault.Code, fault.Message, failure);
    }
}
