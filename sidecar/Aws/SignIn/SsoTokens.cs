using Amazon.Runtime;
using Amazon.SSOOIDC.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.SignIn;

/// <summary>The token of a session: from the cache, renewed without a person where that can be done. Thread-safe.</summary>
internal sealed class SsoTokens(SsoCache cache, TokenRenewal renewal, SdkClients clients, TimeProvider time)
{
    private const string RefreshGrant = "refresh_token";
    private const string NewToken = "a new token";

    /// <summary>From then on it is renewed, as the AWS CLI does.</summary>
    private static readonly TimeSpan RenewAhead = TimeSpan.FromMinutes(15);

    /// <summary>True when there is one that works, or that can be renewed; asks nobody.</summary>
    public bool IsSignedIn(SsoSettings session) => cache.ReadToken(session) is { } token && renewal.IsGood(cache.TokenFile(session), token);

    public DateTimeOffset? ExpiryOf(SsoSettings session) => cache.ReadToken(session)?.ExpiresAt;

    /// <summary>Who has signed in by a start URL has signed in to the section that names it since.
    /// A refresh token is good for one of the two.</summary>
    public void Adopt(SsoSettings named, SsoSettings nameless)
    {
        if (!IsSignedIn(named) && cache.ReadToken(nameless) is { } token)
        {
            cache.WriteToken(named, token);
            cache.WriteToken(nameless, token with { RefreshToken = null });
        }
    }

    /// <param name="profile">On whose behalf; null for none in particular.</param>
    /// <summary>Calls with the session's token; and once more with a new one, if the service does
    /// not take it, whatever was said of its end.</summary>
    /// <exception cref="AwsException">A person has to sign in.</exception>
    public async Task<T> UseAsync<T>(SsoSettings session, string? profile, Func<string, Task<T>> call, CancellationToken cancellationToken)
    {
        var file = new SignInFile<SsoToken>(
            cache.TokenFile(session),
            SsoJson.Default.SsoToken,
            RenewAhead,
            (token, stop) => RenewAsync(session, profile, token, stop),
            () => SsoErrors.Missing(session),
            () => SsoErrors.Expired(session)
        );
        var token = await renewal.GetAsync(file, rejected: null, cancellationToken).ConfigureAwait(false);
        try
        {
            return await call(token.AccessToken).ConfigureAwait(false);
        }
        catch (AmazonServiceException e) when (e.ErrorCode == "UnauthorizedException")
        {
            token = await renewal.GetAsync(file, rejected: token.AccessToken, cancellationToken).ConfigureAwait(false);
            return await call(token.AccessToken).ConfigureAwait(false);
        }
    }

    private async Task<SsoToken> RenewAsync(SsoSettings session, string? profile, SsoToken token, CancellationToken cancellationToken)
    {
        using var oidc = clients.Oidc(session.Region, profile);
        try
        {
            var response = await oidc.CreateTokenAsync(
                    new CreateTokenRequest
                    {
                        ClientId = token.ClientId,
                        ClientSecret = token.ClientSecret,
                        GrantType = RefreshGrant,
                        RefreshToken = token.RefreshToken,
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            return token with
            {
                AccessToken = response.AccessToken is { Length: > 0 } renewed ? renewed : throw SsoErrors.Unexpected(NewToken),
                ExpiresAt = time.GetUtcNow().AddSeconds(response.ExpiresIn ?? 0),
                RefreshToken = response.RefreshToken ?? token.RefreshToken,
            };
        }
        catch (AmazonServiceException e)
            when (e.ErrorCode
                    is "InvalidGrantException"
                        or "ExpiredTokenException"
                        or "InvalidClientException"
                        or "UnauthorizedClientException"
                        or "AccessDeniedException"
            )
        {
            throw new RefreshRefusedException(SsoErrors.Expired(session, e));
        }
        catch (AmazonServiceException e)
        {
            throw SsoErrors.From(e, session, NewToken);
        }
    }
}
