using Microsoft.Extensions.Logging;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Sharing;

/// <summary>A tunnel that another window's sidecar holds, used through its door. Thread-safe.</summary>
internal sealed class JoinedTunnel : ITunnelUse
{
    /// <summary>For the first answers. A process that is stopped, or very busy, is no reason to
    /// wait for longer: the port is bound either way.</summary>
    private static readonly TimeSpan JoinTime = TimeSpan.FromSeconds(5);

    private readonly SidecarClient _client;
    private readonly Stream _pipe;
    private readonly TunnelRequest _request;
    private readonly Lock _gate = new();
    private TunnelInfo? _info; // guarded by _gate
    private volatile bool _isOfAnotherVersion;

    private JoinedTunnel(Stream pipe, TunnelRequest request, ILogger<SidecarClient> logger, MfaQuestion askWindow)
    {
        (_pipe, _request) = (pipe, request);
        _client = new(new PipeTransport(pipe), logger);
        _client.On(ServerNotifications.StateChanged, change => OnStateChanged(change.Tunnel.ToInfo(request)));
        _client.On(ServerNotifications.Statistics, OnStatistics);
        _client.Answer(ClientMethods.AskMfaCode, (parameters, cancellationToken) => askWindow(parameters, cancellationToken));
    }

    public event Action<TunnelInfo>? StateChanged;

    public TunnelInfo Info
    {
        get
        {
            lock (_gate)
            {
                return _info!;
            }
        }
    }

    public Task Lost => _client.Completion;

    /// <returns>Null when nobody is there, or is there no more.</returns>
    /// <exception cref="TunnelException">LocalPortInUse: whoever is there does not share with us, and why.</exception>
    public static async Task<JoinedTunnel?> JoinAsync(
        Stream pipe,
        TunnelRequest request,
        SharingIdentity identity,
        MfaQuestion askWindow,
        TimeProvider time,
        ILogger<SidecarClient> logger,
        CancellationToken cancellationToken
    )
    {
        using var late = new CancellationTokenSource(JoinTime, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        var joined = new JoinedTunnel(pipe, request, logger, askWindow);
        var isIn = false;
        try
        {
            await joined.EnterAsync(identity, over.Token).WaitAsync(over.Token).ConfigureAwait(false);
            isIn = true;
            return joined;
        }
        catch (RpcException e) when (e.Name == TunnelErrorCode.LocalPortInUse.ToString())
        {
            throw new TunnelException(TunnelErrorCode.LocalPortInUse, e.Message, e);
        }
        catch (RpcException e)
            when (e.Name == RpcErrorCode.ProtocolVersionMismatch.ToString()
                || (joined._isOfAnotherVersion && e.Name == RpcErrorCode.InvalidParams.ToString())
            )
        {
            // This window asks for something that the other one doesn't know.
            throw new TunnelException(
                TunnelErrorCode.LocalPortInUse,
                $"Port 127.0.0.1:{request.LocalPort} is in use by another window that runs another version of this program. Reload that window, or close the tunnel there.",
                e
            );
        }
        catch (Exception e) when (e is RpcException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
        finally
        {
            if (!isIn)
            {
                await joined.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    public Task WarmUpAsync(CancellationToken cancellationToken) =>
        _client.CallAsync(RpcMethods.WarmUpTunnel, new(Info.Id), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _pipe.DisposeAsync().ConfigureAwait(false);
    }

    private async Task EnterAsync(SharingIdentity identity, CancellationToken cancellationToken)
    {
        var holder = await _client
            .StartAsync(new(new("rds-tunnel", identity.Version), RpcContract.ProtocolVersion), cancellationToken)
            .ConfigureAwait(false);
        _isOfAnotherVersion = holder.ServerInfo.Version != identity.Version;
        var tunnel = await _client
            .CallAsync(PeerMethods.JoinTunnel, new(OpenTunnelParams.From(_request), identity.Environment), cancellationToken)
            .ConfigureAwait(false);
        lock (_gate)
        {
            _info ??= tunnel.ToInfo(_request);
        }
    }

    private void OnStateChanged(TunnelInfo info)
    {
        lock (_gate)
        {
            _info = info;
        }

        StateChanged?.Invoke(info);
    }

    private void OnStatistics(StatisticsParams now)
    {
        lock (_gate)
        {
            if (_info is { } info)
            {
                _info = info with { Statistics = now.Statistics.ToCounters() };
            }
        }
    }
}

/// <summary>Asks the person at this window for the code of a multi-factor device.</summary>
public delegate Task<MfaCode> MfaQuestion(AskMfaCodeParams parameters, CancellationToken cancellationToken);
