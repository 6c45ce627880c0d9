using Amazon.Runtime;
using Amazon.SSOOIDC;
using Amazon.SSOOIDC.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.SignIn;

/// <summary>What both ways to sign in have in common: this program's registration, and the token at the end.</summary>
internal sealed class SignInFlows(SdkClients clients, TimeProvider time)
{
    /// <summary>What fails, for people.</summary>
    public const string What = "a sign-in";

    private const string ClientName = "rds-tunnel";

    /// <summary>Of the year 9999, the last that there is.</summary>
    private const long LatestSeconds = 253_402_300_799;

    /// <param name="profile">On whose behalf; null for none in particular.</param>
    /// <exception cref="AwsException">It failed, was denied, or took too long.</exception>
    public async Task<SsoToken> RunAsync(
        SsoSettings session,
        string? profile,
        SignInFlow flow,
        Action<AuthorizationRequest> onAuthorizationRequested,
        CancellationToken cancellationToken
    )
    {
        using var oidc = clients.Oidc(session.Region, profile);
        try
        {
            if (flow == SignInFlow.DeviceCode)
            {
                return await new DeviceCodeFlow(oidc, this, time)
                    .RunAsync(session, onAuthorizationRequested, cancellationToken)
                    .ConfigureAwait(false);
            }

            return await new AuthorizationCodeFlow(oidc, this, time)
                .RunAsync(session, onAuthorizationRequested, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (AmazonServiceException e)
        {
            throw SsoErrors.From(e, session, What);
        }
    }

    /// <summary>Anew for each sign-in: whether the service still knows an older one shows only in
    /// the browser, on a page from which nobody comes back.</summary>
    public static async Task<ClientRegistration> RegisterAsync(
        AmazonSSOOIDCClient oidc,
        SsoSettings session,
        RegisterClientRequest request,
        CancellationToken cancellationToken
    )
    {
        request.ClientName = ClientName;
        request.ClientType = "public";
        request.Scopes = session.ScopeList.Count == 0 ? null : [.. session.ScopeList];
        var response = await oidc.RegisterClientAsync(request, cancellationToken).ConfigureAwait(false);
        return response is { ClientId: { Length: > 0 } id, ClientSecret: { Length: > 0 } secret }
            ? new ClientRegistration(
                id,
                secret,
                DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(response.ClientSecretExpiresAt ?? 0, 0, LatestSeconds))
            )
            : throw SsoErrors.Unexpected(What);
    }

    public SsoToken Token(SsoSettings session, ClientRegistration registration, CreateTokenResponse response) =>
        new(
            session.StartUrl,
            session.Region,
            response.AccessToken is { Length: > 0 } token ? token : throw SsoErrors.Unexpected(What),
            time.GetUtcNow().AddSeconds(response.ExpiresIn ?? 0),
            registration.ClientId,
            registration.ClientSecret,
            registration.ExpiresAt,
            response.RefreshToken
        );
}
