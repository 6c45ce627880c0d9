using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.IdentityCenter;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.ConsoleLogin;

/// <summary>The service that renews what <c>aws login</c> has left: signin's CreateOAuth2Token with a refresh token.</summary>
internal sealed class SignInEndpoint(ConsoleLogins logins, SecretsGivenOut secrets, TimeProvider time)
{
    private const string Path = "/v1/token";

    public static bool Serves(HttpRequest request) => request.Path == Path && HttpMethods.IsPost(request.Method);

    public async Task InvokeAsync(HttpContext context)
    {
        var url = new Uri(AwsJsonEndpoint.AddressOf(context.Request), Path);
        var body = await AwsJsonEndpoint.ReadBodyAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        var thumbprint = ProofOfPossession.Verify(
            context.Request.Headers["DPoP"].ToString(),
            context.Request.Method,
            url,
            time.GetUtcNow()
        );
        var input = Parse(body);
        if (thumbprint is null || Text(input, "grantType") != "refresh_token" || Text(input, "clientId") != ConsoleLogins.ClientId)
        {
            await RefuseAsync(context, "INVALID_REQUEST").ConfigureAwait(false);
            return;
        }

        if (!logins.Use(Text(input, "refreshToken") ?? "", thumbprint))
        {
            await RefuseAsync(context, "TOKEN_EXPIRED").ConfigureAwait(false);
            return;
        }

        var renewed = logins.Issue(thumbprint);
        var answer = new JsonObject
        {
            ["accessToken"] = new JsonObject
            {
                ["accessKeyId"] = renewed.Keys.AccessKeyId,
                ["secretAccessKey"] = renewed.Keys.SecretAccessKey,
                ["sessionToken"] = renewed.Keys.SessionToken,
            },
            ["tokenType"] = "urn:aws:params:oauth:token-type:access_token_sigv4",
            ["expiresIn"] = (int)ConsoleLogins.KeysLifetime.TotalSeconds,
            ["refreshToken"] = renewed.RefreshToken,
        };
        secrets.Note(answer);
        await OidcEndpoint.AnswerAsync(context, StatusCodes.Status200OK, answer).ConfigureAwait(false);
    }

    private static Task RefuseAsync(HttpContext context, string error)
    {
        context.Response.Headers["x-amzn-ErrorType"] = "AccessDeniedException";
        return OidcEndpoint.AnswerAsync(
            context,
            StatusCodes.Status400BadRequest,
            new JsonObject { ["error"] = error, ["message"] = "Refused" }
        );
    }

    private static JsonObject Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string? Text(JsonObject input, string name) =>
        input[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
