using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.AwsProxy;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.IdentityCenter;

/// <summary>The OIDC service of Identity Center: registration, device authorization, tokens, in
/// REST and JSON, with OAuth's errors in AWS's dress.</summary>
internal sealed class OidcEndpoint(Grants grants, IdentityCenterOptions options, SecretsGivenOut secrets, TimeProvider time)
{
    private const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
    private const string LoopbackRedirect = "http://127.0.0.1";
    private const int RegistrationDays = 90;
    private const int DeviceSeconds = 600;

    public static bool Serves(PathString path) => path.Value is "/client/register" or "/device_authorization" or "/token";

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            var body = await AwsJsonEndpoint.ReadBodyAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
            var input = Parse(body);
            var output = context.Request.Path.Value switch
            {
                "/client/register" => Register(input),
                "/device_authorization" => StartDeviceAuthorization(input, PortalOf(AwsJsonEndpoint.AddressOf(context.Request))),
                _ => CreateToken(input),
            };
            secrets.Note(output);
            await AnswerAsync(context, StatusCodes.Status200OK, output).ConfigureAwait(false);
        }
        catch (OidcException refusal)
        {
            context.Response.Headers["x-amzn-ErrorType"] = refusal.Type;
            await AnswerAsync(
                    context,
                    StatusCodes.Status400BadRequest,
                    new JsonObject { ["error"] = refusal.Error, ["error_description"] = refusal.Message }
                )
                .ConfigureAwait(false);
        }
    }

    private JsonObject Register(JsonObject input)
    {
        if (Text(input, "clientType") != "public")
        {
            throw new OidcException("InvalidClientMetadataException", "invalid_client_metadata", "Only public clients can be registered.");
        }

        var redirects = List(input, "redirectUris");
        if (redirects.Any(uri => !uri.StartsWith(LoopbackRedirect, StringComparison.Ordinal)))
        {
            throw new OidcException(
                "InvalidRedirectUriException",
                "invalid_redirect_uri",
                "A public client comes back to the loopback address."
            );
        }

        var client = grants.Register(
            new RegisteredClient(Grants.Random(), Grants.Random(), List(input, "scopes"), List(input, "grantTypes"), redirects)
        );
        var now = time.GetUtcNow();
        return new JsonObject
        {
            ["clientId"] = client.ClientId,
            ["clientSecret"] = client.ClientSecret,
            ["clientIdIssuedAt"] = now.ToUnixTimeSeconds(),
            ["clientSecretExpiresAt"] = now.AddDays(RegistrationDays).ToUnixTimeSeconds(),
        };
    }

    private JsonObject StartDeviceAuthorization(JsonObject input, Uri portal)
    {
        var client = Client(input);
        if (Text(input, "startUrl") != options.StartUrl)
        {
            throw new OidcException("InvalidRequestException", "invalid_request", "There is no such start URL in this region.");
        }

        var code = RandomNumberGenerator.GetString("BCDFGHJKLMNPQRSTVWXZ", 8);
        var pending = grants.Add(
            new PendingAuthorization(Grants.Random(), client.ClientId, time.GetUtcNow().AddSeconds(DeviceSeconds))
            {
                UserCode = $"{code[..4]}-{code[4..]}",
            }
        );
        return new JsonObject
        {
            ["deviceCode"] = pending.Code,
            ["userCode"] = pending.UserCode,
            ["verificationUri"] = new Uri(portal, "/device").AbsoluteUri,
            ["verificationUriComplete"] = new Uri(portal, $"/device?user_code={pending.UserCode}").AbsoluteUri,
            ["expiresIn"] = DeviceSeconds,
            ["interval"] = options.DeviceIntervalSeconds,
        };
    }

    // oidc.eu-west-1.amazonaws.com sends people to device.sso.eu-west-1.amazonaws.com.
    private static Uri PortalOf(Uri address) =>
        AwsNames.IsAws(address.Host) ? new Uri($"https://{AwsNames.Beside(address.Host, "device.sso")}/") : address;

    private JsonObject CreateToken(JsonObject input)
    {
        var client = Client(input);
        switch (Text(input, "grantType"))
        {
            case DeviceGrant:
                RequireDecision(grants.Find(Text(input, "deviceCode") ?? ""), client, asksOften: true);
                break;
            case "authorization_code":
                RequireProof(RequireDecision(grants.Find(Text(input, "code") ?? ""), client, asksOften: false), input);
                break;
            case "refresh_token" when grants.UseRefreshToken(Text(input, "refreshToken") ?? "", client.ClientId):
                break;
            case "refresh_token":
                throw InvalidGrant("The refresh token is not valid.");
            default:
                throw new OidcException("UnsupportedGrantTypeException", "unsupported_grant_type", "There is no such grant.");
        }

        var token = grants.IssueToken(time.GetUtcNow() + options.AccessTokenLifetime);
        var answer = new JsonObject
        {
            ["accessToken"] = token.Value,
            ["tokenType"] = "Bearer",
            ["expiresIn"] = (int)options.AccessTokenLifetime.TotalSeconds,
        };
        if (client.Scopes.Count > 0)
        {
            answer["refreshToken"] = grants.IssueRefreshToken(client.ClientId);
        }

        return answer;
    }

    private PendingAuthorization RequireDecision(PendingAuthorization? pending, RegisteredClient client, bool asksOften)
    {
        if (pending is null || pending.ClientId != client.ClientId)
        {
            throw InvalidGrant("The code is not valid.");
        }

        var now = time.GetUtcNow();
        if (pending.ExpiresAt <= now)
        {
            grants.Use(pending.Code);
            throw new OidcException("ExpiredTokenException", "expired_token", "The code has expired.");
        }

        var hasWaited = now - pending.LastAsked >= TimeSpan.FromSeconds(options.DeviceIntervalSeconds) * 0.9;
        pending.LastAsked = now;
        if (asksOften && !hasWaited)
        {
            throw new OidcException("SlowDownException", "slow_down", "You ask too often.");
        }

        if (pending.IsAllowed is null)
        {
            throw new OidcException("AuthorizationPendingException", "authorization_pending", "The person has not decided yet.");
        }

        // Twice with the same code: one of the two has stolen it.
        if (!grants.Use(pending.Code) || pending.IsAllowed == false)
        {
            throw new OidcException("AccessDeniedException", "access_denied", "The person has denied the request.");
        }

        return pending;
    }

    private static void RequireProof(PendingAuthorization pending, JsonObject input)
    {
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Text(input, "codeVerifier") ?? "")));
        if (challenge != pending.CodeChallenge)
        {
            throw InvalidGrant("The code verifier is not the one of the challenge.");
        }

        if (Text(input, "redirectUri") != pending.RedirectUri)
        {
            throw InvalidGrant("The redirect URI is another one than before.");
        }
    }

    private RegisteredClient Client(JsonObject input) =>
        grants.FindClient(Text(input, "clientId") ?? "") is { } client && client.ClientSecret == Text(input, "clientSecret")
            ? client
            : throw new OidcException("InvalidClientException", "invalid_client", "The client is not registered.");

    private static OidcException InvalidGrant(string message) => new("InvalidGrantException", "invalid_grant", message);

    private static JsonObject Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new OidcException("InvalidRequestException", "invalid_request", "The body is not a JSON object.");
        }
    }

    private static string? Text(JsonObject input, string name) =>
        input[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static List<string> List(JsonObject input, string name) =>
        [.. (input[name] as JsonArray ?? []).OfType<JsonValue>().Select(value => value.ToString())];

    internal static Task AnswerAsync(HttpContext context, int statusCode, JsonObject answer)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}

/// <summary>A refusal: its AWS name and its OAuth name.</summary>
internal sealed class OidcException(string type, string error, string message) : Exception(message)
{
    public string Type { get; } = type;

    public string Error { get; } = error;
}
