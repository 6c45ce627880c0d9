using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>The methods of docs/rpc.md, and the order in which they may be called: initialize, anything, shutdown, exit.</summary>
/// <param name="version">Of this program, for the client to show.</param>
/// <param name="watchParent">Ends the process when the process with this id is gone; throws
/// <see cref="ArgumentException"/> when there is none.</param>
public sealed partial class SidecarServer(
    ITunnels tunnels,
    SignInMethods signIn,
    DiscoveryMethods discovery,
    CheckMethods check,
    ProgramMethods programs,
    AgentMethods agents,
    string version,
    LogLevelSwitch logLevel,
    Action<int> watchParent,
    TimeProvider time,
    ILogger<SidecarServer> logger
) : IRpcTarget
{
    /// <summary>What a client is ready to wait before it ends the process the hard way.</summary>
    public static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(2);

    private Phase _phase; // written by the connection's reader only

    private enum Phase
    {
        Created,
        Initialized,
        ShutDown,
    }

    public void AddMethods(IRpcMethods methods)
    {
        methods.Add(RpcMethods.Initialize, (parameters, _) => Task.FromResult(Initialize(parameters)));
        methods.Add(RpcMethods.Shutdown, (_, cancellationToken) => ShutdownAsync(cancellationToken));
        methods.Add(RpcMethods.OpenTunnel, OpenAsync);
        methods.AddAside(RpcMethods.WarmUpTunnel, (tunnel, cancellationToken) => tunnels.WarmUpAsync(tunnel.Id, cancellationToken));
        methods.Add(RpcMethods.CloseTunnel, (tunnel, cancellationToken) => tunnels.CloseAsync(tunnel.Id, cancellationToken));
        methods.Add(RpcMethods.ListTunnels, (_, _) => Task.FromResult(new ListTunnelsResult([.. tunnels.List().Select(Tunnel.From)])));
        methods.Add(
            RpcMethods.SetLogLevel,
            (parameters, _) =>
            {
                logLevel.Level = parameters.Level;
                return Task.CompletedTask;
            }
        );
        check.AddTo(methods);
        programs.AddTo(methods);
        agents.AddTo(methods);
        signIn.AddTo(methods);
        discovery.AddTo(methods);
    }

    public RpcException? Refuse(string method) =>
        _phase switch
        {
            Phase.Created when method != RpcMethods.Initialize.Name => new(
                RpcErrorCode.ServerNotInitialized,
                "Request received before initialize."
            ),
            Phase.Initialized when method == RpcMethods.Initialize.Name => new(
                RpcErrorCode.InvalidRequest,
                "initialize was already called."
            ),
            Phase.ShutDown => new(RpcErrorCode.InvalidRequest, "Request received after shutdown."),
            _ => null,
        };

    private InitializeResult Initialize(InitializeParams parameters)
    {
        var answer = Greeting.Answer(parameters, version);
        if (parameters.ParentProcessId is { } processId)
        {
            try
            {
                watchParent(processId);
            }
            catch (ArgumentException)
            {
                throw ParamsReader.Invalid("parentProcessId", $"is {processId}, but no such process is running");
            }
        }

        logLevel.Level = parameters.LogLevel;
        _phase = Phase.Initialized;
        LogInitialized(parameters.ClientInfo.Name, parameters.ClientInfo.Version, parameters.LogLevel);
        return answer;
    }

    private async Task<ShutdownResult> ShutdownAsync(CancellationToken cancellationToken)
    {
        _phase = Phase.ShutDown;
        await tunnels.DisposeAsync().AsTask().WaitAsync(ShutdownTime, time, cancellationToken).ConfigureAwait(false);
        return new(tunnels.UsedByOthers);
    }

    private async Task<Tunnel> OpenAsync(OpenTunnelParams parameters, CancellationToken cancellationToken)
    {
        var request = parameters.ToRequest();
        try
        {
            // A port that is only listened on asks for no configuration, and ports are taken in the order of the requests.
            return Tunnel.From(await (request.OpenNow ? Aside.RunAsync(OpenAsync) : OpenAsync()).ConfigureAwait(false));
        }
        catch (ObjectDisposedException)
        {
            throw new RpcException(RpcErrorCode.InvalidRequest, "Shutdown while the tunnel was opening.");
        }

        Task<TunnelInfo> OpenAsync() => tunnels.OpenAsync(request, cancellationToken);
    }

    [LoggerMessage(108, LogLevel.Information, "{Client} {ClientVersion} connected; log level {Level}")]
    private partial void LogInitialized(string client, string clientVersion, LogLevel level);
}
