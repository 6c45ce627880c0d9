using Amazon.Runtime;
using Amazon.SSOOIDC;
using Amazon.SSOOIDC.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.SignIn;

/// <summary>What both ways to sign in have in common: this program's registration, and the token at the end.</summary>
internal sealed class SignInFlows(SdkClients clients, TimeProvider time)
{
    private const string ClientName = "rds-tunnel";

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
            throw SsoErrors.From(e, session, "a sign-in");
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
        return new ClientRegistration(
            response.ClientId,
            response.ClientSecret,
            DateTimeOffset.FromUnixTimeSeconds(response.ClientSecretExpiresAt ?? 0)
        );
    }

    public SsoToken Token(SsoSettings session, ClientRegistration registration, CreateTokenResponse response) =>
        new(
            session.StartUrl,
            session.Region,
            response.AccessToken,
            time.GetUtcNow().AddSeconds(response.ExpiresIn ?? 0),
            registration.ClientId,
            registration.ClientSecret,
            registration.ExpiresAt,
            response.RefreshToken
        );
}
