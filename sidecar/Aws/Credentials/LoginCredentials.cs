using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.ConsoleLogin;

namespace RdsTunnel.Aws.Credentials;

/// <summary>The keys of a person who has signed in by <c>aws login</c>.</summary>
internal sealed class LoginCredentials(CredentialSource.Login source, string? profile, LoginTokens tokens, TimeProvider time)
    : ExpiringCredentials(time)
{
    protected override async Task<Lease> RenewAsync(TimeSpan lasting)
    {
        var token = await tokens.GetAsync(source.SessionName, source.Profile, source.Region, profile, RenewAhead).ConfigureAwait(false);
        var (id, secret, sessionToken, expiresAt) = token.AccessToken;
        return Lease.TryCreate(id, secret, sessionToken, expiresAt.UtcDateTime) ?? throw LoginTokens.Missing(source.Profile);
    }
}
