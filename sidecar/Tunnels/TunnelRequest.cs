using RdsTunnel.Aws;

namespace RdsTunnel.Tunnels;

/// <summary>What a user asks for; <see cref="TunnelRules"/> say what of it makes sense.</summary>
public sealed record TunnelRequest
{
    /// <summary>A name for people; null for <c>host:port</c>.</summary>
    public string? Name { get; init; }

    /// <summary>The jump host, as StartSession takes it: <c>i-…</c>, <c>mi-…</c>, <c>ecs:…</c>;
    /// null for the best one when a session is opened,
    /// which needs a <see cref="Host"/>.</summary>
    public string? Target { get; init; }

    /// <summary>Jump hosts with this tag are preferred when <see cref="Target"/> is null.</summary>
    public string JumpHostTag { get; init; } = TunnelRules.DefaultJumpHostTag;

    /// <summary>A jump host that is stopped is started when it is needed, and stopped again afterwards.</summary>
    public bool StartJumpHost { get; init; }

    /// <summary>Access to the jump host is requested, once, if a session is denied: why, for its approvers. A template as
    /// <see cref="Reason"/>; null when nobody is to be asked.</summary>
    public string? RequestAccess { get; init; }

    /// <summary>The database's host as the jump host sees it; null for a port of the jump host
    /// itself, which is also what <c>localhost</c> means, in any
    /// spelling. White space around it, and the brackets of an IPv6 address, are left out.</summary>
    public string? Host
    {
        get;
        init
        {
            IsForJumpHostItself = value is not null && LoopbackHost.Is(value);
            field = value is null || IsForJumpHostItself ? null : WithoutBrackets(value.Trim());
        }
    }

    /// <summary>A host was named, and it means the jump host.</summary>
    public bool IsForJumpHostItself { get; private init; }

    public required int Port { get; init; }

    /// <summary>The port on 127.0.0.1; 0 for one that is chosen now and kept for the tunnel's life.</summary>
    public int LocalPort { get; init; }

    public AwsScope Scope { get; init; } = new();

    /// <summary>The session document, in place of AWS's own: a name, or an ARN; null for AWS's own.</summary>
    public string? Document { get; init; }

    /// <summary>What the account's session history shows, as a template: see
    /// <see cref="SessionReason"/>. Null for the tunnel's name.</summary>
    public string? Reason { get; init; }

    /// <summary>A socket file beside the port, for tools that can use one.</summary>
    public bool Socket { get; init; }

    /// <summary>How the sidecar signs connections in to the database, in place of the tool: one of
    /// <see cref="LoginKind"/>; null for not at all, the
    /// tool's bytes go through as they are then.</summary>
    public string? Login { get; init; }

    /// <summary>The database's user to sign in as; with a secret it may be left to the secret.</summary>
    public string? User { get; init; }

    /// <summary>The secret with the password, by name or ARN.</summary>
    public string? SecretId { get; init; }

    /// <summary>A login compresses what goes to and from a MySQL or MariaDB that offers it.</summary>
    public bool Compress { get; init; }

    /// <summary>A login also offers TLS to tools that ask for it, with a certificate for this computer.</summary>
    public bool LocalTls { get; init; }

    /// <summary>Tools have to give a password of this tunnel's own, so that a login is safe where
    /// others than this user can connect.</summary>
    public bool LocalPassword { get; init; }

    /// <summary>That password.</summary>
    public string? LocalPasswordText { get; init; }

    /// <summary>The same without a login: the tool's bytes go through as they are.</summary>
    public TunnelRequest WithoutLogin() =>
        this with
        {
            Login = null,
            User = null,
            SecretId = null,
            Compress = false,
            LocalTls = false,
            LocalPassword = false,
            LocalPasswordText = null,
        };

    /// <summary>A tunnel for this process's own use: on the loopback alone, whatever others get.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Open a session at once, rather than with the first connection.</summary>
    public bool OpenNow { get; init; }

    /// <summary>How many sessions the tunnel may hold at once.</summary>
    public int MaxSessions { get; init; } = TunnelRules.DefaultMaxSessions;

    // It has a password.
    public override string ToString() => nameof(TunnelRequest);

    private static string WithoutBrackets(string host) => host is ['[', .. var address, ']'] ? address : host;
}
