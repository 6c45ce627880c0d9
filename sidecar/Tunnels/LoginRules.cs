using RdsTunnel.Databases;
using RdsTunnel.Databases.MySql;
using RdsTunnel.Databases.PostgreSql;
using RdsTunnel.Databases.Redis;

namespace RdsTunnel.Tunnels;

/// <summary>What a login needs of a tunnel.</summary>
internal static class LoginRules
{
    /// <summary>Null when nothing is wrong.</summary>
    public static FieldProblem? ProblemOf(TunnelRequest request) =>
        request switch
        {
            { Login: null, User: not null } => new(TunnelRules.User.Field, "is only for a tunnel with a login"),
            { Login: null, SecretId: not null } => new(TunnelRules.SecretId.Field, "is only for a tunnel with the login secret"),
            { Login: null, Compress: true } => new(TunnelRules.Compress.Field, "is only for a tunnel with a login"),
            { Login: null, LocalTls: true } => new(TunnelRules.LocalTls.Field, "is only for a tunnel with a login"),
            { Login: null, LocalPassword: true } => new(TunnelRules.LocalPassword.Field, "is only for a tunnel with a login"),
            { LocalPassword: false, LocalPasswordText: not null } => new(
                TunnelRules.LocalPasswordText.Field,
                "is only for a tunnel with a local password"
            ),
            { Login: null } => null,
            _ when TunnelRules.Login.ProblemOf(request.Login) is { } problem => problem,
            { Host: null } => new(
                TunnelRules.Host.Field,
                "is missing: a login needs the database's own host name, which its certificate has to bear"
            ),
            _ when EngineOf(request.Port, TimeProvider.System) is null => new(
                TunnelRules.Login.Field,
                $"isn't supported on port {request.Port}: only PostgreSQL, MySQL, MariaDB, Redis and Valkey databases can be signed in to"
            ),
            { Compress: true } when EngineOf(request.Port, TimeProvider.System) is PostgreSqlEngine or RedisEngine => new(
                TunnelRules.Compress.Field,
                $"isn't supported on port {request.Port}: only MySQL's and MariaDB's protocol has compression"
            ),
            { LocalTls: true } when EngineOf(request.Port, TimeProvider.System) is RedisEngine => new(
                TunnelRules.LocalTls.Field,
                $"isn't supported on port {request.Port}: only tools for PostgreSQL, MySQL and MariaDB get TLS from the local port"
            ),
            // The tool would bind its password to the TLS on this side.
            { Login: LoginKind.Tls, LocalTls: true } => new(
                TunnelRules.LocalTls.Field,
                "isn't used by the login tls: open the tunnel without a login, and let the tool encrypt the connection"
            ),
            { Login: LoginKind.Iam, User: null } => new(TunnelRules.User.Field, "is missing: enter the database user to sign in as"),
            { Login: LoginKind.Secret, SecretId: null } => new(
                TunnelRules.SecretId.Field,
                "is missing: enter the name or ARN of the secret with the password"
            ),
            { Login: LoginKind.Tls, User: not null } => new(
                TunnelRules.User.Field,
                "isn't used by the login tls: the tool sends its own user and password"
            ),
            { Login: LoginKind.Tls, LocalPassword: true } => new(
                TunnelRules.LocalPassword.Field,
                "isn't used by the login tls: the tool sends the database's own password"
            ),
            { LocalPassword: true, LocalPasswordText: null } => new(
                TunnelRules.LocalPasswordText.Field,
                "is missing: a tunnel with a local password needs to know it"
            ),
            { Login: not LoginKind.Secret, SecretId: not null } => new(TunnelRules.SecretId.Field, "is only for the login secret"),
            _ => null,
        };

    /// <summary>The protocol of a port, as tools assume it, too; null for one that is not spoken
    /// here. A port that somebody chose is tried.</summary>
    public static IDatabaseEngine? EngineOf(int port, TimeProvider time) =>
        port switch
        {
            3306 => new MySqlEngine(time),
            6379 or 6380 => new RedisEngine(time), // and Valkey; a serverless cache's reader has the second one
            5432 or 5439 => new PostgreSqlEngine(time),
            33060 or 1433 or 1521 or 2484 or 27017 or 8182 or 443 or 11211 => null,
            _ => new FirstWordEngine(new RedisEngine(time, isCertain: false), new PostgreSqlEngine(time), new MySqlEngine(time), time),
        };
}
