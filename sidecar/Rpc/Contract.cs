using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Diagnosis;
using RdsTunnel.Discovery;
using RdsTunnel.Tunnels;

// The contract with the client, field for field; docs/rpc.md is the same for readers, and a test compares the two.
// On the wire: camelCase, enumerations by name, a parameter without a default is required, a field that is null is left out.
namespace RdsTunnel.Rpc;

public static class RpcContract
{
    /// <summary>Goes up with every change that an older client or sidecar would misunderstand.</summary>
    public const int ProtocolVersion = 2;

    /// <summary>The client's notification that cancels a request.</summary>
    public const string CancelRequest = "$/cancelRequest";

    /// <summary>The client's notification that ends the connection.</summary>
    public const string Exit = "exit";

    /// <summary>The sidecar's notification of how a request that runs gets on.</summary>
    public const string Progress = "$/progress";
}

/// <summary>What the sidecar can be asked.</summary>
public static class RpcMethods
{
    public static readonly RpcMethod<InitializeParams, InitializeResult> Initialize = new("initialize");
    public static readonly RpcMethod<Nothing, Nothing> Shutdown = new("shutdown");
    public static readonly RpcMethod<OpenTunnelParams, Tunnel> OpenTunnel = new("tunnel/open");
    public static readonly RpcMethod<TunnelParams, Nothing> WarmUpTunnel = new("tunnel/warmUp");
    public static readonly RpcMethod<TunnelParams, Nothing> CloseTunnel = new("tunnel/close");
    public static readonly RpcMethod<Nothing, ListTunnelsResult> ListTunnels = new("tunnel/list");
    public static readonly RpcMethod<CheckTunnelParams, CheckStep, CheckTunnelResult> CheckTunnel = new("tunnel/check");
    public static readonly RpcMethod<Nothing, ProfileList> ListProfiles = new("profile/list");
    public static readonly RpcMethod<NewProfile, Profile> CreateProfile = new("profile/create");
    public static readonly RpcMethod<SignInParams, AuthorizationRequest, SsoSession> SignIn = new("sso/signIn");
    public static readonly RpcMethod<SsoParams, Nothing> SignOut = new("sso/signOut");
    public static readonly RpcMethod<SsoParams, ListAccountsResult> ListAccounts = new("sso/listAccounts");
    public static readonly RpcMethod<ListRolesParams, ListRolesResult> ListRoles = new("sso/listRoles");
    public static readonly RpcMethod<ListDatabasesParams, DatabasesFound, ListDatabasesResult> ListDatabases = new("database/list");
    public static readonly RpcMethod<ListJumpHostsParams, JumpHostList> ListJumpHosts = new("jumpHost/list");
    public static readonly RpcMethod<ChooseJumpHostParams, Nothing> ChooseJumpHost = new("jumpHost/choose");
    public static readonly RpcMethod<CreateIamTokenParams, IamToken> CreateIamToken = new("password/createIamToken");
    public static readonly RpcMethod<ReadSecretParams, DatabaseSecret> ReadSecret = new("password/readSecret");
    public static readonly RpcMethod<SetLogLevelParams, Nothing> SetLogLevel = new("log/setLevel");
}

/// <summary>What the sidecar asks its client.</summary>
public static class ClientMethods
{
    public static readonly RpcMethod<AskMfaCodeParams, MfaCode> AskMfaCode = new("mfa/askCode");
}

/// <summary>Notifications of the sidecar.</summary>
public static class ServerNotifications
{
    public static readonly RpcNotification<StateChangedParams> StateChanged = new("tunnel/stateChanged");
    public static readonly RpcNotification<StatisticsParams> Statistics = new("tunnel/statistics");
    public static readonly RpcNotification<LogParams> Log = new("log");
}

public sealed record InitializeParams(
    Implementation ClientInfo, int ProtocolVersion, LogLevel LogLevel = LogLevel.Information, int? ParentProcessId = null);

public sealed record InitializeResult(Implementation ServerInfo, int ProtocolVersion, Capabilities Capabilities);

public sealed record Implementation(string Name, string Version);

public sealed record Capabilities(int MaxMessageBytes, int MaxConcurrentRequests);

public sealed record OpenTunnelParams(
    int Port,
    string? Target = null,
    string? Host = null,
    int LocalPort = 0,
    string? Name = null,
    string? Profile = null,
    string? Region = null,
    string? EndpointUrl = null,
    bool OpenNow = false,
    int MaxSessions = 4,
    string JumpHostTag = "rds-tunnel:jump-host",
    string? Reason = null,
    string? Document = null);

public sealed record TunnelParams(string Id);

public sealed record SetLogLevelParams(LogLevel Level);

public sealed record ListTunnelsResult(IReadOnlyList<Tunnel> Tunnels);

public sealed record Tunnel(
    string Id,
    string Name,
    int Port,
    int LocalPort,
    int MaxSessions,
    TunnelState State,
    Statistics Statistics,
    string? Target = null,
    string? Host = null,
    string? Profile = null,
    string? Region = null,
    string? EndpointUrl = null,
    Fault? Fault = null,
    Fault? LastReset = null)
{
    public static Tunnel From(TunnelInfo info) => new(
        info.Id,
        info.Name,
        info.Request.Port,
        info.LocalPort,
        info.Request.MaxSessions,
        info.State,
        Statistics.From(info.Statistics),
        info.Target,
        info.Request.Host,
        info.Request.Scope.Profile,
        info.Request.Scope.Region,
        info.Request.Scope.EndpointUrl?.OriginalString,
        FaultOf(info.Fault),
        FaultOf(info.LastReset));

    private static Fault? FaultOf(TunnelFault? fault) => fault is null ? null : new(fault.Code, fault.Message);
}

public sealed record Fault(TunnelErrorCode Code, string Message);

public sealed record Statistics(
    int ConnectionsNow,
    long ConnectionsTotal,
    long BytesUp,
    long BytesDown,
    long Retransmissions,
    long Resumes,
    int SessionsNow,
    long SessionsTotal,
    double? RoundTripTimeMilliseconds = null)
{
    public static Statistics From(TunnelStatistics counters) => new(
        counters.ConnectionsNow,
        counters.ConnectionsTotal,
        counters.BytesUp,
        counters.BytesDown,
        counters.Retransmissions,
        counters.Resumes,
        counters.SessionsNow,
        counters.SessionsTotal,
        counters.RoundTripTime?.TotalMilliseconds);
}

public sealed record StateChangedParams(Tunnel Tunnel);

public sealed record StatisticsParams(string Id, Statistics Statistics);

public sealed record CheckTunnelParams(OpenTunnelParams Tunnel, string? ProgressToken = null) : IProgressParams<CheckTunnelParams>
{
    public CheckTunnelParams WithProgress(string token) => this with { ProgressToken = token };
}

public sealed record CheckTunnelResult(IReadOnlyList<CheckStep> Steps);

public sealed record SignInParams(SsoReference Session, SignInFlow Flow = SignInFlow.Auto, string? ProgressToken = null) : IProgressParams<SignInParams>
{
    public SignInParams WithProgress(string token) => this with { ProgressToken = token };
}

public sealed record SsoParams(SsoReference Session);

public sealed record ListAccountsResult(IReadOnlyList<SsoAccount> Accounts);

public sealed record ListRolesParams(SsoReference Session, string AccountId);

public sealed record ListRolesResult(IReadOnlyList<string> RoleNames);

public sealed record AskMfaCodeParams(string Profile, string SerialNumber);

/// <param name="Code">Null when the person has cancelled.</param>
public sealed record MfaCode(string? Code = null);

public sealed record ListDatabasesParams(IReadOnlyList<Scope> Scopes, bool Refresh = false, string? ProgressToken = null)
    : IProgressParams<ListDatabasesParams>
{
    public ListDatabasesParams WithProgress(string token) => this with { ProgressToken = token };
}

public sealed record Scope(string? Profile = null, string? Region = null, string? EndpointUrl = null);

public sealed record DatabasesFound(IReadOnlyList<Database> Databases, DiscoveryFailure? Failure = null);

public sealed record ListDatabasesResult(int Databases, int Failures);

public sealed record ListJumpHostsParams(DatabaseAddress Database, Scope Scope, string JumpHostTag = "rds-tunnel:jump-host", bool Refresh = false);

/// <param name="Target">Null takes an earlier choice back.</param>
public sealed record ChooseJumpHostParams(Scope Scope, string Host, int Port, string? Target = null);

public sealed record CreateIamTokenParams(Scope Scope, string Host, int Port, string User);

public sealed record ReadSecretParams(Scope Scope, string SecretId);

public sealed record LogParams(
    LogLevel Level, string Category, int EventId, string Message, DateTimeOffset Time, string? Exception = null, int? Dropped = null);

public sealed record ProgressParams<T>(string Token, T Value);

public sealed record RpcError(int Code, string Message, ErrorData Data);

public sealed record ErrorData(string Code, string? Field = null);
