using System.Security.Cryptography.X509Certificates;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Endpoints;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Databases;
using RdsTunnel.Discovery;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>Takes tokens and secrets from AWS for the logins of tunnels.</summary>
internal sealed class DatabaseLogins(AwsServices aws, IamTokens tokens, TimeProvider time) : ILogins
{
    public Login LoginFor(TunnelRequest request)
    {
        var host = HostName.Normalize(request.Host!);
        X509Certificate2Collection authorities = [.. RdsAuthorities.All, .. aws.AuthoritiesOf(request.Scope)];
        return new Login(
            host,
            authorities,
            request.Login switch
            {
                LoginKind.Iam => new IamCredentials(tokens, request, host),
                LoginKind.Secret => new SecretCredentials(aws, request, time),
                _ => null,
            }
        )
        {
            Compress = request.Compress,
            LocalPassword = request.LocalPasswordText is { } text ? new LocalPassword(text, time) : null,
        };
    }

    /// <summary>A token for each connection: signing one costs less than keeping it safe.</summary>
    private sealed class IamCredentials(IamTokens tokens, TunnelRequest request, string host) : ILoginCredentials
    {
        private readonly string _advice = DatabaseEndpoint.Of(host)?.Service is DatabaseService.ElastiCache or DatabaseService.MemoryDb
            ? "Check that the user exists, belongs to the cache, has IAM as its authentication and the same user ID and user name, and that this identity is allowed elasticache:Connect or memorydb:Connect for cache and user."
            : "Check that the user exists and signs in with IAM (PostgreSQL: the role rds_iam; MySQL and MariaDB: AWSAuthenticationPlugin), and that this identity is allowed rds-db:connect for it.";

        public async Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken)
        {
            var token = await tokens.CreateAsync(request.Scope, host, request.Port, request.User!, cancellationToken).ConfigureAwait(false);
            return new DatabaseCredentials(request.User!, token.Token, token.Hint is { } hint ? $"{_advice} {hint}" : _advice);
        }

        // Another token says the same.
        public Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken) =>
            Task.FromResult<DatabaseCredentials?>(null);
    }
}
