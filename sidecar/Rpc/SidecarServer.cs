using System.Text.Json;
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
        (RpcMethods.OpenTunnel, _) => OpenAsync(ParamsReader.Read(parameters, ContractJson.Default.OpenTunnelParams), cancellationToken),
        (RpcMethods.WarmUpTunnel, _) => DoAsync(tunnels.WarmUpAsync, ParamsReader.Read(parameters, ContractJson.Default.TunnelParams), cancellationToken),
        (RpcMethods.CloseTunnel, _) => DoAsync(tunnels.CloseAsync, ParamsReader.Read(parameters, ContractJson.Default.TunnelParams), cancellationToken),
        (RpcMethods.ListTunnels, _) => List(),
        (RpcMethods.CheckTunnel, _) => check.CheckAsync(ParamsReader.Read(parameters, ContractJson.Default.CheckTunnelParams), cancellationToken),
        (RpcMethods.ListProfiles, _) => signIn.ListProfiles(),
        (RpcMethods.CreateProfile, _) => signIn.CreateProfile(ParamsReader.Read(parameters, ContractJson.Default.NewProfile)),
        (RpcMethods.SignIn, _) => signIn.SignInAsync(ParamsReader.Read(parameters, ContractJson.Default.SignInParams), cancellationToken),
        (RpcMethods.SignOut, _) => signIn.SignOutAsync(ParamsReader.Read(parameters, ContractJson.Default.SsoParams), cancellationToken),
        (RpcMethods.ListAccounts, _) => signIn.ListAccountsAsync(ParamsReader.Read(parameters, ContractJson.Default.SsoParams), cancellationToken),
        (RpcMethods.ListRoles, _) => signIn.ListRolesAsync(ParamsReader.Read(parameters, ContractJson.Default.ListRolesParams), cancellationToken),
        (RpcMethods.AnswerMfa, _) => signIn.AnswerMfa(ParamsReader.Read(parameters, ContractJson.Default.AnswerMfaParams)),
        (RpcMethods.ListDatabases, _) =>
            discovery.ListDatabasesAsync(ParamsReader.Read(parameters, ContractJson.Default.ListDatabasesParams), cancellationToken),
        (RpcMethods.ListJumpHosts, _) =>
            discovery.ListJumpHostsAsync(ParamsReader.Read(parameters, ContractJson.Default.ListJumpHostsParams), cancellationToken),
        (RpcMethods.CreateIamToken, _) =>
            discovery.CreateIamTokenAsync(ParamsReader.Read(parameters, ContractJson.Default.CreateIamTokenParams), cancellationToken),
        (RpcMethods.ReadSecret, _) => discovery.ReadSecretAsync(ParamsReader.Read(parameters, ContractJson.Default.ReadSecretParams), cancellationToken),
        (RpcMethods.SetLogLevel, _) => SetLogLevel(ParamsReader.Read(parameters, ContractJson.Default.SetLogLevelParams)),
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
            var info = await tunnels.OpenAsync(request, cancellationToken).ConfigureAwait(false);
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
