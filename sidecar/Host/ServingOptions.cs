using System.CommandLine;
using System.CommandLine.Parsing;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>The options that say how a tunnel serves this machine.</summary>
internal sealed class ServingOptions(string meaningOfName)
{
    private readonly Option<int> _localPort = new("--local-port") { Description = "Local port on 127.0.0.1. Default: a free port." };
    private readonly Option<string?> _name = new("--name") { Description = meaningOfName };
    private readonly Option<string?> _login = new("--login")
    {
        Description =
            "Sign connections in to a PostgreSQL, MySQL, MariaDB, Redis or Valkey database: iam (with --user), secret (with --secret-id), or tls (encrypt only). Default: tools sign in by themselves.",
    };
    private readonly Option<string?> _user = new("--user") { Description = "Database user of the login." };
    private readonly Option<string?> _secretId = new("--secret-id") { Description = "Name or ARN of the secret of the login." };
    private readonly Option<bool> _compress = new("--compress")
    {
        Description = "With a login: compress the connections to a MySQL or MariaDB database.",
    };
    private readonly Option<bool> _localTls = new("--local-tls")
    {
        Description = "With a login to PostgreSQL, MySQL or MariaDB: offer TLS on the local port, for tools that require it.",
    };
    private readonly Option<bool> _socket = new("--socket")
    {
        Description = "Also listen on a Unix-domain socket, a file that only you can open.",
    };
    private readonly Option<bool> _startJumpHost = new("--start-jump-host")
    {
        Description = "Start the jump host if it is a stopped EC2 instance, and stop it again afterwards. This costs money.",
    };
    private readonly Option<string?> _requestAccess = new("--request-access")
    {
        Description =
            "Request access to the jump host if a session is denied, and wait for its approval. The value is the reason for the approvers.",
    };
    private readonly Option<int> _maxSessions = new("--max-sessions")
    {
        Description = $"Maximum number of sessions, {TunnelRules.MaxSessions.Min} to {TunnelRules.MaxSessions.Max}.",
        DefaultValueFactory = _ => TunnelRules.DefaultMaxSessions,
    };

    public void AddTo(Command command)
    {
        foreach (
            var option in (Option[])
                [_localPort, _name, _login, _user, _secretId, _compress, _localTls, _socket, _startJumpHost, _requestAccess, _maxSessions]
        )
        {
            command.Add(option);
        }
    }

    public bool NamesOne(CommandResult result) => result.ReadValue(_name) is not null;

    public OpenTunnelParams AddedTo(OpenTunnelParams tunnel, ParseResult parsed) =>
        tunnel with
        {
            LocalPort = parsed.GetValue(_localPort),
            Name = parsed.GetValue(_name),
            MaxSessions = parsed.GetValue(_maxSessions),
            Login = parsed.GetValue(_login),
            User = parsed.GetValue(_user),
            SecretId = parsed.GetValue(_secretId),
            Compress = parsed.GetValue(_compress),
            LocalTls = parsed.GetValue(_localTls),
            Socket = parsed.GetValue(_socket),
            StartJumpHost = parsed.GetValue(_startJumpHost),
            RequestAccess = parsed.GetValue(_requestAccess),
        };
}
