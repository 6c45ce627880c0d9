using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>The methods of docs/rpc.md, and the order in which they may be called: initialize, anything, shutdown, exit.</summary>
/// <param name="version">Of this program, for the client to show.</param>
/// <param name="watchParent">Ends the process when the process with this id is gone; throws <see cref="ArgumentException"/> when there is none.</param>
public sealed partial class SidecarServer(
    ITunnels tunnels, SignInMethods signIn, DiscoveryMethods discovery, CheckMethods check, string version, LogLevelSwitch logLevel,
    Action<int> watchParent, TimeProvider time, ILogger<SidecarServer> logger)
    : IRpcTarget
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

    public Task<RpcResult> InvokeAsync(string method, JsonElement? parameters, CancellationToken cancellationToken) => (method, _phase) switch
    {
        (RpcMethods.Initialize, Phase.Created) => Initialize(ParamsReader.Read(parameters, ContractJson.Default.InitializeParams, tolerant: true)),
        (_, Phase.Created) => throw new RpcException(RpcErrorCode.ServerNotInitialized, $"{method} came before initialize."),
        (_, Phase.ShutDown) => throw new RpcException(RpcErrorCode.InvalidRequest, $"{method} came after shutdown."),
        (RpcMethods.Initialize, _) => throw new RpcException(RpcErrorCode.InvalidRequest, "initialize came a second time."),
        (RpcMethods.Shutdown, _) => ShutdownAsync(cancellationToken),
        (RpcMethods.OpenTunnel, _) => OpenAsync(Read(parameters, ContractJson.Default.OpenTunnelParams), cancellationToken),
        (RpcMethods.WarmUpTunnel, _) => AsideAsync(Read(parameters, ContractJson.Default.TunnelParams), tunnel => DoAsync(tunnels.WarmUpAsync, tunnel, cancellationToken)),
        (RpcMethods.CloseTunnel, _) => DoAsync(tunnels.CloseAsync, Read(parameters, ContractJson.Default.TunnelParams), cancellationToken),
        (RpcMethods.ListTunnels, _) => List(),
        (RpcMethods.CheckTunnel, _) => AsideAsync(Read(parameters, ContractJson.Default.CheckTunnelParams), tunnel => check.CheckAsync(tunnel, cancellationToken)),
        (RpcMethods.ListProfiles, _) => AsideAsync(parameters, _ => signIn.ListProfiles()),
        (RpcMethods.CreateProfile, _) => AsideAsync(Read(parameters, ContractJson.Default.NewProfile), signIn.CreateProfile),
        (RpcMethods.SignIn, _) => AsideAsync(Read(parameters, ContractJson.Default.SignInParams), session => signIn.SignInAsync(session, cancellationToken)),
        (RpcMethods.SignOut, _) => AsideAsync(Read(parameters, ContractJson.Default.SsoParams), session => signIn.SignOutAsync(session, cancellationToken)),
        (RpcMethods.ListAccounts, _) => AsideAsync(Read(parameters, ContractJson.Default.SsoParams), session => signIn.ListAccountsAsync(session, cancellationToken)),
        (RpcMethods.ListRoles, _) => AsideAsync(Read(parameters, ContractJson.Default.ListRolesParams), account => signIn.ListRolesAsync(account, cancellationToken)),
        (RpcMethods.AnswerMfa, _) => signIn.AnswerMfa(Read(parameters, ContractJson.Default.AnswerMfaParams)),
        (RpcMethods.ListDatabases, _) =>
            AsideAsync(Read(parameters, ContractJson.Default.ListDatabasesParams), scopes => discovery.ListDatabasesAsync(scopes, cancellationToken)),
        (RpcMethods.ListJumpHosts, _) =>
            AsideAsync(Read(parameters, ContractJson.Default.ListJumpHostsParams), database => discovery.ListJumpHostsAsync(database, cancellationToken)),
        (RpcMethods.ChooseJumpHost, _) => AsideAsync(Read(parameters, ContractJson.Default.ChooseJumpHostParams), discovery.ChooseJumpHost),
        (RpcMethods.CreateIamToken, _) =>
            AsideAsync(Read(parameters, ContractJson.Default.CreateIamTokenParams), database => discovery.CreateIamTokenAsync(database, cancellationToken)),
        (RpcMethods.ReadSecret, _) => AsideAsync(Read(parameters, ContractJson.Default.ReadSecretParams), secret => discovery.ReadSecretAsync(secret, cancellationToken)),
        (RpcMethods.SetLogLevel, _) => SetLogLevel(Read(parameters, ContractJson.Default.SetLogLevelParams)),
        _ => throw new RpcException(RpcErrorCode.MethodNotFound, "There is no such method."),
    };

    public bool Notify(string method, JsonElement? parameters)
    {
        if (method == ClientNotifications.Exit)
        {
            return false;
        }

        LogUnknownNotification();
        return true;
    }

    private static T Read<T>(JsonElement? parameters, JsonTypeInfo<T> type)
        where T : class => ParamsReader.Read(parameters, type);

    // The configuration's files are read before the first wait. One that hangs must hold up neither the connection's reader nor the pool.
    private static Task<TResult> AsideAsync<T, TResult>(T parameters, Func<T, Task<TResult>> method) =>
        Task.Factory.StartNew(() => method(parameters), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private Task<RpcResult> Initialize(InitializeParams parameters)
    {
        if (parameters.ProtocolVersion != RpcContract.ProtocolVersion)
        {
            throw new RpcException(RpcErrorCode.ProtocolVersionMismatch,
                $"The client speaks version {parameters.ProtocolVersion} of the protocol, this sidecar ({version}) version "
                + $"{RpcContract.ProtocolVersion}: update the older of the two.", "protocolVersion");
        }

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
        return Task.FromResult(new RpcResult(
            new InitializeResult(
                new("rds-tunnel", version), RpcContract.ProtocolVersion, new(MessageReader.MaxMessageBytes, JsonRpcConnection.MaxConcurrentRequests)),
            ContractJson.Default.InitializeResult));
    }

    private async Task<RpcResult> ShutdownAsync(CancellationToken cancellationToken)
    {
        _phase = Phase.ShutDown;
        await tunnels.DisposeAsync().AsTask().WaitAsync(ShutdownTime, time, cancellationToken).ConfigureAwait(false);
        return RpcResult.Null;
    }

    private async Task<RpcResult> OpenAsync(OpenTunnelParams parameters, CancellationToken cancellationToken)
    {
        var request = parameters.ToRequest();
        try
        {
            // A port that is only listened on asks for no configuration, and ports are taken in the order of the requests.
            var info = await (request.OpenNow ? AsideAsync(request, OpenAsync) : OpenAsync(request)).ConfigureAwait(false);
            return new(Tunnel.From(info), ContractJson.Default.Tunnel);
        }
        catch (TunnelException e)
        {
            throw new RpcException(e);
        }
        catch (ObjectDisposedException)
        {
            throw new RpcException(RpcErrorCode.InvalidRequest, "shutdown came before the tunnel was open.");
        }

        Task<TunnelInfo> OpenAsync(TunnelRequest request) => tunnels.OpenAsync(request, cancellationToken);
    }

    private static async Task<RpcResult> DoAsync(Func<string, CancellationToken, Task> action, TunnelParams parameters, CancellationToken cancellationToken)
    {
        try
        {
            await action(parameters.Id, cancellationToken).ConfigureAwait(false);
            return RpcResult.Null;
        }
        catch (TunnelException e)
        {
            throw new RpcException(e);
        }
    }

    private Task<RpcResult> List() => Task.FromResult(new RpcResult(
        new ListTunnelsResult([.. tunnels.List().Select(Tunnel.From)]), ContractJson.Default.ListTunnelsResult));

    private Task<RpcResult> SetLogLevel(SetLogLevelParams parameters)
    {
        logLevel.Level = parameters.Level;
        return Task.FromResult(RpcResult.Null);
    }

    [LoggerMessage(200, LogLevel.Information, "{Client} {ClientVersion} connected; log level {Level}")]
    private partial void LogInitialized(string client, string clientVersion, LogLevel level);

    [LoggerMessage(201, LogLevel.Debug, "A notification was ignored: its name is not known")]
    private partial void LogUnknownNotification();
}
