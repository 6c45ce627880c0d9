using RdsTunnel.Diagnosis;
using RdsTunnel.Tunnels;

// Tunnels, as the editor and other sidecars see them.
namespace RdsTunnel.Rpc;

/// <param name="Port">The database's port (TCP port).</param>
/// <param name="Target">The jump host as StartSession takes it: <c>i-…</c>, <c>mi-…</c>, <c>ecs:…</c>; or a service of ECS,
/// <c>ecs:cluster/service</c>, one of whose tasks each session takes. When left out, the one that was chosen for <c>host</c>
/// by <c>jumpHost/choose</c>, else the best one that there is evidence for, selected anew for each session.</param>
/// <param name="Host">The database's host as the jump host sees it; the jump host itself when left out, and then <c>target</c> is
/// required. So it is for <c>localhost</c>, <c>127.0.0.0/8</c>, <c>::1</c>, <c>0.0.0.0</c> and <c>::</c> in any spelling.</param>
/// <param name="LocalPort">The port on 127.0.0.1; 0 for a free one, which the tunnel then keeps (TCP port).</param>
/// <param name="Name">Display name; <c>host:port</c> when left out.</param>
/// <param name="Profile">A profile of the AWS configuration files. When left out: keys in the
/// environment, else <c>AWS_PROFILE</c>, else <c>default</c>.</param>
/// <param name="Region">As in <c>eu-central-1</c>; the environment's, else the profile's, when left out.</param>
/// <param name="EndpointUrl">Overrides the service's address; without a user name or password in
/// it, and http on this machine only (http or https URL).</param>
/// <param name="OpenNow">Open a session at once rather than with the first connection.</param>
/// <param name="MaxSessions">How many sessions the tunnel may hold at once (sessions).</param>
/// <param name="JumpHostTag">Jump hosts with a tag of this key are preferred when <c>target</c> is left out.</param>
/// <param name="Reason">What the account's session history shows of each session: a template
/// ([placeholders](#reasons)); <c>rds-tunnel: ${name}</c> when left out.</param>
/// <param name="Document">A session document in place of AWS's own: a name, or an ARN, without a version. It
/// gets the parameters that it declares; what it fixes itself must match what the tunnel asks for.</param>
/// <param name="Login">How the sidecar signs connections in to a PostgreSQL, MySQL, MariaDB, Redis or Valkey database, over TLS
/// that it verifies, so that tools need neither password nor certificate: <c>iam</c> (a token of IAM), <c>secret</c> (a secret
/// of Secrets Manager), <c>tls</c> (no sign-in, TLS alone). When left out, the tool's bytes go through as they are.</param>
/// <param name="User">The database's user; required with <c>iam</c>, the secret's own when left out with <c>secret</c>.</param>
/// <param name="SecretId">Name or ARN of the secret, required with <c>secret</c>.</param>
/// <param name="Compress">With a login: compress what goes to and from a MySQL or MariaDB database, if it offers to (zlib).</param>
/// <param name="Socket">Also listen on a Unix-domain socket, a file that only this user can open. Not on Windows.</param>
/// <param name="LocalPassword">With the login <c>iam</c> or <c>secret</c>: tools have to give a password
/// of the tunnel's own, by their own protocol. Then the tunnel also opens where the system can't tell
/// whose a connection is, and other users of the machine who know the password may be let in.</param>
/// <param name="LocalPasswordText">That password, required with <c>localPassword</c>: at least 16 ASCII
/// characters without spaces. Random, and kept secret by its creator; nothing the sidecar says has it.</param>
/// <param name="LocalTls">With the login <c>iam</c> or <c>secret</c> to PostgreSQL, MySQL or MariaDB: tools that ask for TLS
/// get it from the local port, with a certificate that is made for this tunnel alone.</param>
/// <param name="StartJumpHost">Start a jump host that is a stopped EC2 instance when a connection needs it, and stop it
/// again when no session has used it for a while. This costs money.</param>
/// <param name="RequestAccess">Request access to the jump host if a session is denied, and wait for its approval (just-in-time node
/// access): why, for the approvers. A template ([placeholders](#reasons)). At most one request is made; for another one, open the
/// tunnel again. When left out, nobody is asked.</param>
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
    int MaxSessions = TunnelRules.DefaultMaxSessions,
    string JumpHostTag = TunnelRules.DefaultJumpHostTag,
    string? Reason = null,
    string? Document = null,
    string? Login = null,
    string? User = null,
    string? SecretId = null,
    bool Compress = false,
    bool Socket = false,
    bool LocalPassword = false,
    string? LocalPasswordText = null,
    bool LocalTls = false,
    bool StartJumpHost = false,
    string? RequestAccess = null
)
{
    // It has a password.
    public override string ToString() => nameof(OpenTunnelParams);

    public static OpenTunnelParams From(TunnelRequest request) =>
        new(
            request.Port,
            request.Target,
            request.Host,
            request.LocalPort,
            request.Name,
            request.Scope.Profile,
            request.Scope.Region,
            request.Scope.EndpointUrl?.OriginalString,
            request.OpenNow,
            request.MaxSessions,
            request.JumpHostTag,
            request.Reason,
            request.Document,
            request.Login,
            request.User,
            request.SecretId,
            request.Compress,
            request.Socket,
            request.LocalPassword,
            request.LocalPasswordText,
            request.LocalTls,
            request.StartJumpHost,
            request.RequestAccess
        );
}

/// <param name="Id">The tunnel's.</param>
public sealed record TunnelParams(string Id);

/// <param name="Tunnel">As the window that joins would open it; <c>localPort</c> is the one that is held.</param>
/// <param name="Environment">A digest of what in the environment decides on credentials, network
/// and memory: only windows in which it is the same share.</param>
public sealed record JoinTunnelParams(OpenTunnelParams Tunnel, string Environment);

/// <param name="Tunnels">Ordered by local port.</param>
public sealed record ListTunnelsResult(IReadOnlyList<Tunnel> Tunnels);

/// <param name="Id">Unique while the sidecar runs.</param>
/// <param name="Name">As asked for, else <c>host:port</c>.</param>
/// <param name="Port">As asked for (TCP port).</param>
/// <param name="LocalPort">The port that is bound on 127.0.0.1 (TCP port).</param>
/// <param name="MaxSessions">As asked for (sessions).</param>
/// <param name="State">Now.</param>
/// <param name="Statistics">Now.</param>
/// <param name="Target">The jump host: as asked for, else the one that was selected last.</param>
/// <param name="Host">As asked for; left out when it is the jump host itself.</param>
/// <param name="Profile">As asked for.</param>
/// <param name="Region">As asked for.</param>
/// <param name="EndpointUrl">As asked for (URL).</param>
/// <param name="Fault">Why, when the state is Faulted, NeedsSignIn, NeedsJumpHost or NeedsApproval.</param>
/// <param name="LastReset">Why a connection was last reset that neither its client nor its target had ended.</param>
/// <param name="JumpHostName">Display name, where <c>target</c> was selected and its name is known.</param>
/// <param name="JumpHostReasons">Shown to users, the weightiest first: the reasons for <c>target</c> when it was selected.</param>
/// <param name="Writer">The instance that takes writes, where <c>host</c> is a cluster's writer endpoint, as AWS told it last.</param>
/// <param name="Windows">How many windows share it, this one included; left out when no other does.</param>
/// <param name="Login">As asked for.</param>
/// <param name="User">As asked for.</param>
/// <param name="SecretId">As asked for.</param>
/// <param name="Compress">As asked for; left out when it is not.</param>
/// <param name="SocketPath">The socket file, where the tunnel has one.</param>
/// <param name="LocalPassword">As asked for; left out when it is not.</param>
/// <param name="LocalTls">As asked for; left out when it is not.</param>
/// <param name="CertificatePath">The PEM file with the certificate of its local port, where <c>localTls</c> was asked for.</param>
/// <param name="Nodes">Nodes of its cluster that have a local port of their own; left out when there are none.</param>
/// <param name="AgentReason">What an AI agent said it opened the tunnel for; left out when a person opened it.</param>
/// <param name="StartJumpHost">As asked for; left out when it is not.</param>
/// <param name="Progress">Shown to users when the state is StartingJumpHost: what is being waited for.</param>
/// <param name="RequestAccess">As asked for.</param>
/// <param name="AccessRequestId">The request for access to the jump host that the tunnel waits for or uses, or that has ended last.</param>
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
    Fault? LastReset = null,
    string? JumpHostName = null,
    IReadOnlyList<string>? JumpHostReasons = null,
    string? Writer = null,
    int? Windows = null,
    string? Login = null,
    string? User = null,
    string? SecretId = null,
    bool? Compress = null,
    string? SocketPath = null,
    bool? LocalPassword = null,
    bool? LocalTls = null,
    string? CertificatePath = null,
    IReadOnlyList<Node>? Nodes = null,
    string? AgentReason = null,
    bool? StartJumpHost = null,
    string? Progress = null,
    string? RequestAccess = null,
    string? AccessRequestId = null
)
{
    public static Tunnel From(TunnelInfo info) =>
        new(
            info.Id,
            info.Name,
            info.Request.Port,
            info.LocalPort,
            info.Request.MaxSessions,
            info.State,
            Statistics.From(info.Statistics),
            info.JumpHost?.Target,
            info.Request.Host,
            info.Request.Scope.Profile,
            info.Request.Scope.Region,
            info.Request.Scope.EndpointUrl?.OriginalString,
            FaultOf(info.Fault),
            FaultOf(info.LastReset),
            info.JumpHost?.Name,
            info.JumpHost is { Reasons: { Count: > 0 } reasons } ? reasons : null,
            info.Writer,
            info.Windows > 1 ? info.Windows : null,
            info.Request.Login,
            info.Request.User,
            info.Request.SecretId,
            info.Request.Compress ? true : null,
            info.SocketPath,
            info.Request.LocalPassword ? true : null,
            info.Request.LocalTls ? true : null,
            info.CertificatePath,
            info.Nodes is { Count: > 0 } nodes ? [.. nodes.Select(node => new Node(node.Host, node.Port, node.LocalPort))] : null,
            AgentReasons.Of(info.Request),
            info.Request.StartJumpHost ? true : null,
            info.Progress,
            info.Request.RequestAccess,
            info.AccessRequestId
        );

    /// <summary>The same for whoever uses it from another process.</summary>
    public TunnelInfo ToInfo(TunnelRequest request) =>
        new(
            Id,
            request,
            Target is null ? null : new(Target, JumpHostName, JumpHostReasons ?? []),
            LocalPort,
            State,
            Fault is null ? null : new(Fault.Code, Fault.Message),
            LastReset is null ? null : new(LastReset.Code, LastReset.Message),
            Statistics.ToCounters(),
            Writer
        )
        {
            Windows = Windows ?? 1,
            Progress = Progress,
            AccessRequestId = AccessRequestId,
            SocketPath = SocketPath,
            CertificatePath = CertificatePath,
            Nodes = [.. (Nodes ?? []).Select(node => new TunnelNode(node.Host, node.Port, node.LocalPort))],
        };

    private static Fault? FaultOf(TunnelFault? fault) => fault is null ? null : new(fault.Code, fault.Message);
}

/// <param name="Host">As the cluster names it.</param>
/// <param name="LocalPort">On 127.0.0.1; it leads to the node.</param>
public sealed record Node(string Host, int Port, int LocalPort);

/// <param name="Code">For programs.</param>
/// <param name="Message">Shown to users: what, whose fault, what next.</param>
public sealed record Fault(TunnelErrorCode Code, string Message);

/// <remarks>Counters since the tunnel was opened, unless said otherwise.</remarks>
/// <param name="ConnectionsNow">Open now (connections).</param>
/// <param name="ConnectionsTotal">Accepted (connections).</param>
/// <param name="BytesUp">From local connections to the database (bytes).</param>
/// <param name="BytesDown">From the database to local connections (bytes).</param>
/// <param name="Retransmissions">Data messages sent more than once (messages).</param>
/// <param name="Resumes">Websockets replaced without losing the session (resumes).</param>
/// <param name="SessionsNow">Open now (sessions).</param>
/// <param name="SessionsTotal">Opened (sessions).</param>
/// <param name="RoundTripTimeMilliseconds">Smoothed, of the slowest open session; left out when there is none (ms).</param>
public sealed record Statistics(
    int ConnectionsNow,
    long ConnectionsTotal,
    long BytesUp,
    long BytesDown,
    long Retransmissions,
    long Resumes,
    int SessionsNow,
    long SessionsTotal,
    double? RoundTripTimeMilliseconds = null
)
{
    public static Statistics From(TunnelStatistics counters) =>
        new(
            counters.ConnectionsNow,
            counters.ConnectionsTotal,
            counters.BytesUp,
            counters.BytesDown,
            counters.Retransmissions,
            counters.Resumes,
            counters.SessionsNow,
            counters.SessionsTotal,
            counters.RoundTripTime?.TotalMilliseconds
        );

    public TunnelStatistics ToCounters() =>
        new(
            ConnectionsNow,
            ConnectionsTotal,
            BytesUp,
            BytesDown,
            RoundTripTimeMilliseconds is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            Retransmissions,
            Resumes,
            SessionsNow,
            SessionsTotal
        );
}

/// <param name="Tunnel">After the change.</param>
public sealed record StateChangedParams(Tunnel Tunnel);

/// <param name="Id">The tunnel's.</param>
/// <param name="Statistics">Now.</param>
public sealed record StatisticsParams(string Id, Statistics Statistics);

/// <param name="Tunnel">As for <c>tunnel/open</c>; <c>localPort</c>, <c>maxSessions</c> and <c>openNow</c> mean nothing here.</param>
/// <param name="ProgressToken">Chosen by the client, for <c>$/progress</c>; without it there is none.</param>
public sealed record CheckTunnelParams(OpenTunnelParams Tunnel, string? ProgressToken = null) : IProgressParams<CheckTunnelParams>
{
    public CheckTunnelParams WithProgress(string token) => this with { ProgressToken = token };
}

/// <param name="Steps">One for each CheckStepName, in that order.</param>
public sealed record CheckTunnelResult(IReadOnlyList<CheckStep> Steps);
