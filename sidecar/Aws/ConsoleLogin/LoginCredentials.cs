using RdsTunnel.Aws.Credentials;

namespace RdsTunnel.Aws.ConsoleLogin;

/// <summary>The keys of a person who has signed in by <c>aws login</c>.</summary>
internal sealed class LoginCredentials(CredentialSource.Login source, LoginTokens tokens, TimeProvider time) : ExpiringCredentials(time)
{
    protected override async Task<Lease> RenewAsync()
    {
        var token = tokens.Read(source.SessionName) ?? throw LoginTokens.Missing(source.Profile);
        if (token.AccessToken.ExpiresAt - RenewAhead <= Time.GetUtcNow())
        {
            token = await tokens.RenewAsync(source.SessionName, token, source.Profile, source.Region).ConfigureAwait(false);
        }

        var (id, secret, sessionToken, expiresAt) = token.AccessToken;
        return Lease.Of(id, secret, sessionToken, expiresAt.UtcDateTime);
    }
}
