using Amazon.SSOOIDC;
using Amazon.SSOOIDC.Model;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.SignIn;

/// <summary>The person enters a code in a browser, on whatever machine it is; we ask until it is done (RFC 8628).</summary>
internal sealed class DeviceCodeFlow(AmazonSSOOIDCClient oidc, SignInFlows flows, TimeProvider time)
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";

    private const int MaxUserCodeChars = 40; // AWS's have 9

    private static readonly TimeSpan DefaultTime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestTime = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);
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
        if (
            device is not { DeviceCode: { Length: > 0 } code, UserCode: { Length: > 0 and <= MaxUserCodeChars } userCode }
            || !userCode.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            || PageOf(device) is not { } page
        )
        {
            throw SsoErrors.Unexpected(SignInFlows.What);
        }

        var end = time.GetUtcNow() + (SecondsOf(device.ExpiresIn, LongestTime) ?? DefaultTime);
        onAuthorizationRequested(new AuthorizationRequest(session.StartUrl, SignInFlow.DeviceCode, page, end, userCode));
        var interval = SecondsOf(device.Interval, LongestInterval) ?? DefaultInterval;
        while (true)
        {
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
            if (time.GetUtcNow() > end + interval)
            {
                throw TimedOut(null); // the service should have said so
            }

            try
            {
                var response = await oidc.CreateTokenAsync(
                        new CreateTokenRequest
                        {
                            ClientId = registration.ClientId,
                            ClientSecret = registration.ClientSecret,
                            GrantType = Grant,
                            DeviceCode = code,
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
                throw TimedOut(e);
            }
            catch (AccessDeniedException e)
            {
                throw new AwsException(AwsErrorCode.AccessDenied, "The sign-in was denied in the browser.", e);
            }
        }
    }

    // It is opened, so it has to be a page: nothing else that this computer would start.
    private static Uri? PageOf(StartDeviceAuthorizationResponse device) =>
        Uri.TryCreate(
            device.VerificationUriComplete is { Length: > 0 } complete ? complete : device.VerificationUri,
            UriKind.Absolute,
            out var page
        )
        && page.Scheme is "https" or "http"
        && page.UserInfo.Length == 0
            ? page
            : null;

    private static TimeSpan? SecondsOf(int? seconds, TimeSpan longest) =>
        seconds is > 0 and var given && TimeSpan.FromSeconds(given) <= longest ? TimeSpan.FromSeconds(given) : null;

    private static AwsException TimedOut(Exception? cause) =>
        new(AwsErrorCode.CredentialsMissing, "Sign-in timed out because nobody confirmed it. Sign in again.", cause);
}
