using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Sharing;

/// <summary>What another window may ask of a tunnel: to use it, and to open a session ahead of a
/// connection. Its use ends with its connection.</summary>
internal sealed class PeerServer(HeldTunnel tunnel, SharingIdentity identity) : IRpcTarget
{
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isGreeted; // written by the connection's reader only
    private int _phase; // 1: it uses the tunnel; 2: it is gone. Changed atomically

    /// <summary>Completed when it uses the tunnel.</summary>
    public Task Joined => _joined.Task;

    /// <returns>Whether it has used the tunnel; it may not any more.</returns>
    public bool End() => Interlocked.Exchange(ref _phase, 2) == 1;

    public void AddMethods(IRpcMethods methods)
    {
        methods.Add(
            RpcMethods.Initialize,
            (parameters, _) =>
            {
                var greeting = Greeting.Answer(parameters, identity.Version);
                _isGreeted = true;
                return Task.FromResult(greeting);
            }
        );
        methods.Add(PeerMethods.JoinTunnel, (parameters, _) => Task.FromResult(Join(parameters)));
        methods.Add(
            RpcMethods.WarmUpTunnel,
            async (_, cancellationToken) =>
            {
                await tunnel.WarmUpAsync(cancellationToken).ConfigureAwait(false);
                return Nothing.Instance;
            }
        );
    }

    public RpcException? Refuse(string method) =>
        _isGreeted != (method == RpcMethods.Initialize.Name)
        && (Joined.IsCompleted || method == RpcMethods.Initialize.Name || method == PeerMethods.JoinTunnel.Name)
            ? null
            : new(RpcErrorCode.InvalidRequest, "The order is initialize, tunnel/join, tunnel/warmUp.");

    private Tunnel Join(JoinTunnelParams parameters)
    {
        var held = tunnel.Info;
        if (parameters.Tunnel.Read(out var wanted) is { } problem)
        {
            throw new RpcException(RpcErrorCode.InvalidParams, $"{problem.Field} {problem.Problem}.", problem.Field);
        }

        if (DifferenceOf(wanted, held.Request) is { } difference)
        {
            throw Refused($"has different settings: {held.Name}, with another {difference}");
        }

        if (parameters.Environment != identity.Environment)
        {
            throw Refused("runs in another environment: AWS_ variables, proxies or home folder differ");
        }

        if (Interlocked.CompareExchange(ref _phase, 1, 0) != 0 || !tunnel.TryEnter())
        {
            throw new RpcException(RpcErrorCode.InvalidRequest, "The tunnel is being closed, or was already joined.");
        }

        _joined.TrySetResult();
        return Tunnel.From(tunnel.Info);

        TunnelException Refused(string reason) =>
            new(
                TunnelErrorCode.LocalPortInUse,
                $"Port 127.0.0.1:{held.LocalPort} is in use by another window, whose tunnel {reason}. Close it there, or choose another local port."
            );
    }

    // Neither the name nor the number of sessions makes it another tunnel.
    private static string? DifferenceOf(TunnelRequest a, TunnelRequest b) =>
        (a.Host, a.Port) != (b.Host, b.Port) ? "database"
        : a.Scope != b.Scope ? "profile, region or endpoint"
        : a.Target != b.Target || a.JumpHostTag != b.JumpHostTag ? "jump host"
        : a.StartJumpHost != b.StartJumpHost ? "jump host setting"
        : a.RequestAccess is not null && b.RequestAccess is null ? "access setting"
        : a.Document != b.Document ? "session document"
        : a.Reason != b.Reason ? "reason"
        : (a.Login, a.User, a.SecretId, a.Compress) != (b.Login, b.User, b.SecretId, b.Compress) ? "login"
        : a.LocalTls != b.LocalTls ? "local TLS"
        : (a.LocalPassword, a.LocalPasswordText) != (b.LocalPassword, b.LocalPasswordText) ? "local password"
        : a.Socket && !b.Socket ? "socket setting"
        : null;
}
