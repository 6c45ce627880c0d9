using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Amazon.SSOOIDC;
using Amazon.SSOOIDC.Model;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.SignIn;

/// <summary>The browser comes back to a port of this machine with a code (RFC 8252), which only we
/// can turn into a token (PKCE, RFC 7636).</summary>
internal sealed class AuthorizationCodeFlow(AmazonSSOOIDCClient oidc, SignInFlows flows, TimeProvider time)
{
    /// <summary>Registered without a port: any port of the loopback address counts as this one.</summary>
    private const string RedirectUri = "http://127.0.0.1" + LoopbackRedirect.Path;

    /// <summary>A person may have to find their phone.</summary>
    private static readonly TimeSpan PersonsTime = TimeSpan.FromMinutes(10);

    public async Task<SsoToken> RunAsync(
        SsoSettings session,
        Action<AuthorizationRequest> onAuthorizationRequested,
        CancellationToken cancellationToken
    )
    {
        var registration = await SignInFlows
            .RegisterAsync(
                oidc,
                session,
                new RegisterClientRequest
                {
                    GrantTypes = ["authorization_code", "refresh_token"],
                    RedirectUris = [RedirectUri],
                    IssuerUrl = session.StartUrl,
                },
                cancellationToken
            )
            .ConfigureAwait(false);

        var (state, verifier) = (RandomText(), RandomText());
        using var redirect = LoopbackRedirect.Listen(state, time);
        onAuthorizationRequested(
            new AuthorizationRequest(
                session.StartUrl,
                SignInFlow.AuthorizationCode,
                AuthorizeUrl(session, registration, redirect, state, verifier),
                time.GetUtcNow() + PersonsTime
            )
        );

        using var deadline = new CancellationTokenSource(PersonsTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        string code;
        try
        {
            code = await redirect.ReceiveCodeAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AwsException(
                AwsErrorCode.CredentialsMissing,
                "Sign-in timed out waiting for the browser. Sign in again; if the browser runs on another computer, use a device code."
            );
        }

        var response = await oidc.CreateTokenAsync(
                new CreateTokenRequest
                {
                    ClientId = registration.ClientId,
                    ClientSecret = registration.ClientSecret,
                    GrantType = "authorization_code",
                    Code = code,
                    CodeVerifier = verifier,
                    RedirectUri = redirect.Uri,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return flows.Token(session, registration, response);
    }

    private Uri AuthorizeUrl(SsoSettings session, ClientRegistration registration, LoopbackRedirect redirect, string state, string verifier)
    {
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var endpoint = oidc.Config.ServiceURL ?? oidc.DetermineServiceOperationEndpoint(new RegisterClientRequest()).URL;
        return new Uri(
            $"{endpoint.TrimEnd('/')}/authorize?response_type=code&client_id={Escape(registration.ClientId)}&redirect_uri={Escape(redirect.Uri)}"
                + $"&state={state}&code_challenge={challenge}&code_challenge_method=S256&scopes={Escape(string.Join(' ', session.ScopeList))}"
        );
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static string RandomText() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
