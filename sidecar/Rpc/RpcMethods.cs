using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Diagnosis;
using RdsTunnel.Discovery;

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
    /// <summary>Both sides say who they are. Another protocol version is refused with ProtocolVersionMismatch.</summary>
    public static readonly RpcMethod<InitializeParams, InitializeResult> Initialize = new("initialize");

    /// <summary>Closes every tunnel, ends every session, releases every port, but for tunnels that
    /// other windows share. At most 2 s.</summary>
    public static readonly RpcMethod<Nothing, ShutdownResult> Shutdown = new("shutdown");

    /// <summary>Listens on a port of 127.0.0.1, or shares the tunnel of another window that does. With
    /// <c>openNow</c>, waits for the first session; fails, and leaves nothing behind, when there is none.</summary>
    public static readonly RpcMethod<OpenTunnelParams, Tunnel> OpenTunnel = new("tunnel/open");

    /// <summary>Opens a session ahead of the first connection; answered when there is one. When
    /// there is none the tunnel stays, and says why in its state.</summary>
    public static readonly RpcMethod<TunnelParams, Nothing> WarmUpTunnel = new("tunnel/warmUp");

    /// <summary>Resets the tunnel's connections, ends its sessions, releases its port. A tunnel
    /// that other windows share goes on for them.</summary>
    public static readonly RpcMethod<TunnelParams, Nothing> CloseTunnel = new("tunnel/close");

    /// <summary>All tunnels, as they are now.</summary>
    public static readonly RpcMethod<Nothing, ListTunnelsResult> ListTunnels = new("tunnel/list");

    /// <summary>Goes through all that this tunnel needs, step by step, without opening it. Changes
    /// nothing, and leaves no session. Progress: each step when it is done.</summary>
    public static readonly RpcMethod<CheckTunnelParams, CheckStep, CheckTunnelResult> CheckTunnel = new("tunnel/check");

    /// <summary>The environment variables by which programs of this machine find a tunnel's database: the names that its own
    /// programs and most libraries read. There is never a password in them. Asks the database, through a session, only with
    /// <c>wait</c> or where the variables say how its TLS is spoken.</summary>
    public static readonly RpcMethod<TunnelVariablesParams, TunnelVariables> TunnelVariables = new("tunnel/variables");

    /// <summary>The profiles and Identity Center sessions of the AWS configuration files, and what is wrong in them.</summary>
    public static readonly RpcMethod<Nothing, ProfileList> ListProfiles = new("profile/list");

    /// <summary>Adds a profile to the file; what stands there stays.</summary>
    public static readonly RpcMethod<NewProfile, Profile> CreateProfile = new("profile/create");

    /// <summary>Signs in through IAM Identity Center. Tunnels that need it continue afterwards.
    /// Progress: where the person signs in: at least once, and again if that changes.</summary>
    public static readonly RpcMethod<SignInParams, AuthorizationRequest, SsoSession> SignIn = new("sso/signIn");

    /// <summary>Forgets the token, here and at AWS.</summary>
    public static readonly RpcMethod<SsoParams, Nothing> SignOut = new("sso/signOut");

    /// <summary>The accounts that the signed-in person may use.</summary>
    public static readonly RpcMethod<SsoParams, ListAccountsResult> ListAccounts = new("sso/listAccounts");

    /// <summary>Their roles in one account.</summary>
    public static readonly RpcMethod<ListRolesParams, ListRolesResult> ListRoles = new("sso/listRoles");

    /// <summary>Searches all scopes side by side. Progress: what is found, page by page, all of it before the answer.</summary>
    public static readonly RpcMethod<ListDatabasesParams, DatabasesFound, ListDatabasesResult> ListDatabases = new("database/list");

    /// <summary>The jump hosts for a database, the best first, with reasons.</summary>
    public static readonly RpcMethod<ListJumpHostsParams, JumpHostList> ListJumpHosts = new("jumpHost/list");

    /// <summary>Remembers which jump host leads to a database, for this and later processes.
    /// Tunnels that need it continue.</summary>
    public static readonly RpcMethod<ChooseJumpHostParams, Nothing> ChooseJumpHost = new("jumpHost/choose");

    /// <summary>A password for IAM database authentication. A secret: show it to nobody but its user.</summary>
    public static readonly RpcMethod<CreateIamTokenParams, IamToken> CreateIamToken = new("password/createIamToken");

    /// <summary>The secrets of Secrets Manager, without their values; at most 2,000.</summary>
    public static readonly RpcMethod<ListSecretsParams, ListSecretsResult> ListSecrets = new("password/listSecrets");

    /// <summary>The fields of a secret of Secrets Manager. Show the password to nobody but its user.</summary>
    public static readonly RpcMethod<ReadSecretParams, DatabaseSecret> ReadSecret = new("password/readSecret");

    /// <summary>Runs a tool for an AI agent of the editor. Where a person has to agree, it answers with the question
    /// instead; the client asks, and calls again with question and answer. What was opened is in the log of agents' actions.</summary>
    public static readonly RpcMethod<CallAgentToolParams, CallAgentToolResult> CallAgentTool = new("agent/call");

    /// <summary>From now on only messages of this level and above are logged.</summary>
    public static readonly RpcMethod<SetLogLevelParams, Nothing> SetLogLevel = new("log/setLevel");
}

/// <summary>What one window's sidecar asks another's, after <c>initialize</c>, beside <c>tunnel/warmUp</c>.</summary>
public static class PeerMethods
{
    /// <summary>Uses a tunnel as long as the connection lasts. Refused with LocalPortInUse when it
    /// is another one than was asked for.</summary>
    public static readonly RpcMethod<JoinTunnelParams, Tunnel> JoinTunnel = new("tunnel/join");
}

/// <summary>What the sidecar asks its client.</summary>
public static class ClientMethods
{
    /// <summary>Asks a person for the code of a multi-factor device, which a role needs. Taken back
    /// with <c>$/cancelRequest</c> after 2 minutes.</summary>
    public static readonly RpcMethod<AskMfaCodeParams, MfaCode> AskMfaCode = new("mfa/askCode");
}

/// <summary>Notifications of the sidecar.</summary>
public static class ServerNotifications
{
    /// <summary>A tunnel's state has changed; in order for each tunnel. May come before the answer to
    /// the request that caused it. Of a client that reads too slowly, the oldest states go.</summary>
    public static readonly RpcNotification<StateChangedParams> StateChanged = new("tunnel/stateChanged");

    /// <summary>A tunnel's counters have changed; at most every 250 ms for each tunnel, and only the newest.</summary>
    public static readonly RpcNotification<StatisticsParams> Statistics = new("tunnel/statistics");

    /// <summary>Something was logged.</summary>
    public static readonly RpcNotification<LogParams> Log = new("log");
}
