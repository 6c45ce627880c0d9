using Amazon.Runtime;
using Amazon.SSOOIDC.Model;
using RdsTunnel.Aws.Clients;

namespace RdsTunnel.Aws.SignIn;

/// <summary>The token of a session: from the cache, renewed without a person where that can be done. Thread-safe.</summary>
internal sealed class SsoTokens(Func<SsoCache> cache, SdkClients clients, TimeProvider time) : IDisposable
{
    private const string RefreshGrant = "refresh_token";

    /// <summary>From then on it is renewed, as the AWS CLI does.</summary>
    private static readonly TimeSpan RenewAhead = TimeSpan.FromMinutes(15);

    private readonly SemaphoreSlim _renewing = new(1, 1);

    public void Dispose() => _renewing.Dispose();

    /// <summary>True when there is one that works, or that can be renewed; asks nobody.</summary>
    public bool IsSignedIn(SsoSettings session) =>
        cache().ReadToken(session) is { } token && (token.ExpiresAt > time.GetUtcNow() || token.CanBeRenewed(time.GetUtcNow()));

    public DateTimeOffset? ExpiryOf(SsoSettings session) => cache().ReadToken(session)?.ExpiresAt;

    /// <summary>Who has signed in by a start URL has signed in to the section that names it since. A refresh token is good for one of the two.</summary>
    public void Adopt(SsoSettings named, SsoSettings nameless)
    {
        if (!IsSignedIn(named) && cache().ReadToken(nameless) is { } token)
        {
            cache().WriteToken(named, token);
            cache().WriteToken(nameless, token with { RefreshToken = null });
        }
    }

    /// <exception cref="AwsException">A person has to sign in.</exception>
    public async Task<SsoToken> GetAsync(SsoSettings session, CancellationToken cancellationToken)
    {
        await _renewing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var token = cache().ReadToken(session) ?? throw SsoErrors.Missing(session);
            var now = time.GetUtcNow();
            if (token.ExpiresAt - RenewAhead > now)
            {
                return token;
            }

            if (token.CanBeRenewed(now))
            {
                return await RenewAsync(session, token, cancellationToken).ConfigureAwait(false);
            }

            return token.ExpiresAt > now ? token : throw SsoErrors.Expired(session);
        }
        finally
        {
            _renewing.Release();
        }
    }

    private async Task<SsoToken> RenewAsync(SsoSettings session, SsoToken token, CancellationToken cancellationToken)
    {
        using var oidc = clients.Oidc(session.Region);
        try
        {
            var response = await oidc.CreateTokenAsync(
                new CreateTokenRequest
                {
                    ClientId = token.ClientId, ClientSecret = token.ClientSecret, GrantType = RefreshGrant, RefreshToken = token.RefreshToken,
                },
                cancellationToken).ConfigureAwait(false);
            var renewed = token with
            {
                AccessToken = response.AccessToken,
                ExpiresAt = time.GetUtcNow().AddSeconds(response.ExpiresIn ?? 0),
                RefreshToken = response.RefreshToken ?? token.RefreshToken,
            };
            cache().WriteToken(session, renewed);
            return renewed;
        }
        catch (Exception e) when (e is AmazonServiceException or AwsException && token.ExpiresAt > time.GetUtcNow())
        {
            // It still works. The next request tries again.
            return token;
        }
        catch (AmazonServiceException e)
        {
            throw SsoErrors.From(e, session, "a new token");
        }
    }
}
