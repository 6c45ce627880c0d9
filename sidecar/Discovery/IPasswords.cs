using RdsTunnel.Aws;

namespace RdsTunnel.Discovery;

/// <summary>Passwords for databases, made or fetched when asked for, and kept nowhere. Thread-safe.</summary>
public interface IPasswords
{
    /// <summary>A password for IAM database authentication, signed for the database's real address; it opens connections for 15 minutes.</summary>
    /// <exception cref="AwsException">There are no credentials or no region.</exception>
    Task<IamToken> CreateIamTokenAsync(AwsScope scope, string host, int port, string user, CancellationToken cancellationToken);

    /// <summary>The fields of a secret that follows AWS's conventions for databases.</summary>
    /// <param name="secretId">Its name or ARN.</param>
    /// <exception cref="AwsException">It cannot be read, or is no database's.</exception>
    Task<DatabaseSecret> ReadSecretAsync(AwsScope scope, string secretId, CancellationToken cancellationToken);
}

public sealed record IamToken(string Token, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"IamToken {{ ExpiresAt = {ExpiresAt} }}";
}

public sealed record DatabaseSecret(string Password, string? UserName = null, string? Host = null, int? Port = null, string? DatabaseName = null)
{
    public override string ToString() => nameof(DatabaseSecret);
}
