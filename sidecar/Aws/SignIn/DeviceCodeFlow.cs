using Amazon.SSOOIDC;
using Amazon.SSOOIDC.Model;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.SignIn;

/// <summary>The person enters a code in a browser, on whatever machine it is; we ask until it is done (RFC 8628).</summary>
internal sealed class DeviceCodeFlow(AmazonSSOOIDCClient oidc, SignInFlows flows, TimeProvider time)
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5);

    public async Task<SsoToken> RunAsync(
        SsoSettings session,
        Action<AuthorizationRequest> onAuthorizationRequested,
        CancellationToken cancellationToken
    )
    {
        var registration = await SignInFlows
            .RegisterAsync(oidc, session, new RegisterClientRequest(), cancellationToken)
            .ConfigureAwait(false);
        var device = await oidc.StartDeviceAuthorizationAsync(
                new StartDeviceAuthorizationRequest
                {
                    ClientId = registration.ClientId,
                    ClientSecret = registration.ClientSecret,
                    StartUrl = session.StartUrl,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        onAuthorizationRequested(
            new AuthorizationRequest(
                session.StartUrl,
                SignInFlow.DeviceCode,
                new Uri(device.VerificationUriComplete ?? device.VerificationUri),
                time.GetUtcNow().AddSeconds(device.ExpiresIn ?? 0),
                device.UserCode
            )
        );

        var interval = device.Interval is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : DefaultInterval;
        while (true)
        {
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
            try
            {
                var response = await oidc.CreateTokenAsync(
                        new CreateTokenRequest
                        {
                            ClientId = registration.ClientId,
                            ClientSecret = registration.ClientSecret,
                            GrantType = Grant,
                            DeviceCode = device.DeviceCode,
                        },
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                return flows.Token(session, registration, response);
            }
            catch (AuthorizationPendingException)
            {
                // The person is still at it.
            }
            catch (SlowDownException)
            {
                interval += SlowDown;
            }
            catch (ExpiredTokenException e)
            {
                throw new AwsException(AwsErrorCode.CredentialsMissing, "Sign-in timed out because nobody confirmed it. Sign in again.", e);
            }
            catch (AccessDeniedException e)
            {
                throw new AwsException(AwsErrorCode.AccessDenied, "The sign-in was denied in the browser.", e);
            }
        }
    }
}
