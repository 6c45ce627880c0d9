using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.ConsoleLogin;

/// <summary>The tokens of <c>aws login</c>, in <c>~/.aws/login/cache</c> and the AWS CLI's own file
/// names: read, renewed, and written back for all.</summary>
internal sealed class LoginTokens(SettingsResolver resolver, TokenRenewal renewal, SdkClients clients, TimeProvider time)
{
    /// <param name="profile">For people.</param>
    /// <param name="region">Where to ask when the token does not say it.</param>
    /// <param name="usedProfile">On whose behalf; null for none in particular.</param>
    /// <param name="renewAhead">From then on it is renewed, though its keys still work.</param>
    /// <exception cref="AwsException">A person has to sign in again, or nobody answers.</exception>
    public Task<LoginToken> GetAsync(string session, string profile, string region, string? usedProfile, TimeSpan renewAhead) =>
        renewal.GetAsync(
            new SignInFile<LoginToken>(
                PathOf(session),
                LoginJson.Default.LoginToken,
                renewAhead,
                (token, stop) => RenewAsync(token, profile, region, usedProfile, stop),
                () => Missing(profile),
                () => Over(profile)
            ),
            rejected: null,
            CancellationToken.None
        );

    private async Task<LoginToken> RenewAsync(
        LoginToken token,
        string profile,
        string region,
        string? usedProfile,
        CancellationToken cancellationToken
    )
    {
        if (token is not { ClientId: { } clientId, RefreshToken: { } refreshToken, DpopKey: { } key })
        {
            throw Over(profile);
        }

        var (http, url) = clients.SignInService(token.SignInRegion ?? region, usedProfile);
        using var request = new HttpRequestMessage(HttpMethod.Post, TokenUrl(url));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Add(PossessionProof.Header, Prove(key, request, profile));
        request.Content = JsonContent.Create(
            new LoginRenewal(clientId, refreshToken),
            LoginJson.Default.LoginRenewal,
            new MediaTypeHeaderValue("application/json")
        );
        using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var refusal = Refused(Parse(body, LoginJson.Default.LoginRefusal)?.Error, (int)response.StatusCode, profile);
            throw refusal.Code == AwsErrorCode.CredentialsExpired ? new RefreshRefusedException(refusal) : refusal;
        }

        if (
            Parse(body, LoginJson.Default.LoginRenewed) is not { AccessToken: var (id, secret, sessionToken) } renewed
            || !StaticKeys.AreUsable(id, secret, sessionToken)
        )
        {
            throw new AwsException(AwsErrorCode.ServiceFault, $"{url.Host} returned an unexpected response. A proxy may have changed it.");
        }

        return token with
        {
            AccessToken = token.AccessToken with
            {
                AccessKeyId = id,
                SecretAccessKey = secret,
                SessionToken = sessionToken,
                ExpiresAt = time.GetUtcNow().AddSeconds(renewed.ExpiresIn),
            },
            RefreshToken = renewed.RefreshToken,
        };
    }

    /// <summary>A configured endpoint may have a path, as that of a proxy: it stays, as with the AWS CLI.</summary>
    internal static Uri TokenUrl(Uri endpoint) => new($"{endpoint.AbsoluteUri.TrimEnd('/')}/v1/token");

    public static AwsException Missing(string profile) =>
        new(AwsErrorCode.CredentialsMissing, $"The profile \"{profile}\" is not signed in. Run: aws login --profile {profile}");

    private static AwsException Over(string profile) =>
        new(AwsErrorCode.CredentialsExpired, $"The sign-in of the profile \"{profile}\" has expired. Run: aws login --profile {profile}");

    private string PathOf(string session) =>
        Path.Combine(resolver.LoginCache(), $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(session)))}.json");

    private string Prove(string key, HttpRequestMessage request, string profile)
    {
        try
        {
            return PossessionProof.Create(key, request.Method, request.RequestUri!, time.GetUtcNow());
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Over(profile);
        }
    }

    private static AwsException Refused(string? error, int status, string profile) =>
        error switch
        {
            "TOKEN_EXPIRED" or "AUTHCODE_EXPIRED" or "INVALID_REQUEST" => Over(profile),
            "USER_CREDENTIALS_CHANGED" => new(
                AwsErrorCode.CredentialsExpired,
                $"The password behind the profile \"{profile}\" was changed. Run: aws login --profile {profile}"
            ),
            "INSUFFICIENT_PERMISSIONS" => new(
                AwsErrorCode.AccessDenied,
                $"The profile \"{profile}\" isn't allowed to renew its sign-in. Ask your AWS administrator to allow signin:CreateOAuth2Token."
            ),
            _ when status == 429 => new(AwsErrorCode.Throttled, "AWS sign-in: too many calls. Try again in a moment."),
            _ when status >= 500 => new(
                AwsErrorCode.ServiceFault,
                $"AWS sign-in reported an internal error (HTTP {status}). Try again in a moment."
            ),
            _ => Over(profile),
        };

    private static T? Parse<T>(byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
