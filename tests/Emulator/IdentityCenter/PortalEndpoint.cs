using System.Globalization;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.IdentityCenter;

/// <summary>The portal of Identity Center: accounts, roles and their credentials for whoever bears a token.</summary>
internal sealed class PortalEndpoint(
    Grants grants,
    CredentialStore credentials,
    IdentityCenterOptions options,
    SecretsGivenOut secrets,
    TimeProvider time
)
{
    private const string TokenHeader = "x-amz-sso_bearer_token";
    private const int DefaultPageSize = 100;

    public static bool Serves(PathString path) =>
        path.Value is "/federation/credentials" or "/assignment/accounts" or "/assignment/roles" or "/logout";

    public Task InvokeAsync(HttpContext context)
    {
        var (path, token) = (context.Request.Path.Value, context.Request.Headers[TokenHeader].ToString());
        if (!grants.IsValid(token, time.GetUtcNow()))
        {
            return RefuseAsync(context, StatusCodes.Status401Unauthorized, "UnauthorizedException", "Session token not found or invalid");
        }

        var query = context.Request.Query;
        var account = options.Accounts.FirstOrDefault(account => account.AccountId == query["account_id"]);
        switch (path)
        {
            case "/logout":
                grants.Revoke(token);
                context.Response.StatusCode = StatusCodes.Status200OK;
                return Task.CompletedTask;
            case "/assignment/accounts":
                return PageAsync(
                    context,
                    "accountList",
                    options.Accounts.OrderByDescending(each => each.AccountId),
                    each => new JsonObject
                    {
                        ["accountId"] = each.AccountId,
                        ["accountName"] = each.Name,
                        ["emailAddress"] = each.EmailAddress,
                    }
                );
            case "/assignment/roles" when account is not null:
                return PageAsync(
                    context,
                    "roleList",
                    account.Roles,
                    role => new JsonObject { ["roleName"] = role, ["accountId"] = account.AccountId }
                );
            case "/federation/credentials" when account?.Roles.Contains(query["role_name"].ToString()) == true:
                return OidcEndpoint.AnswerAsync(context, StatusCodes.Status200OK, CredentialsOf(account, query["role_name"].ToString()));
            case "/assignment/roles":
                return RefuseAsync(context, StatusCodes.Status404NotFound, "ResourceNotFoundException", "Account not found");
            default:
                return RefuseAsync(context, StatusCodes.Status403Forbidden, "ForbiddenException", "No access");
        }
    }

    private JsonObject CredentialsOf(EmulatedAccount account, string role)
    {
        var credential = credentials.Issue(
            $"arn:aws:sts::{account.AccountId}:assumed-role/AWSReservedSSO_{role}_0123456789abcdef/jane",
            time.GetUtcNow() + options.RoleCredentialsLifetime
        );
        var answer = new JsonObject
        {
            ["roleCredentials"] = new JsonObject
            {
                ["accessKeyId"] = credential.AccessKeyId,
                ["secretAccessKey"] = credential.SecretAccessKey,
                ["sessionToken"] = credential.SessionToken,
                ["expiration"] = credential.ExpiresAt!.Value.ToUnixTimeMilliseconds(),
            },
        };
        secrets.Note(answer);
        return answer;
    }

    private static Task PageAsync<T>(HttpContext context, string list, IEnumerable<T> items, Func<T, JsonObject> describe)
    {
        var query = context.Request.Query;
        var size =
            int.TryParse(query["max_result"], CultureInfo.InvariantCulture, out var given) && given is > 0 and <= DefaultPageSize
                ? given
                : DefaultPageSize;
        _ = int.TryParse(query["next_token"], CultureInfo.InvariantCulture, out var start);
        var page = items.Skip(start).Take(size + 1).ToList();
        var answer = new JsonObject { [list] = new JsonArray([.. page.Take(size).Select(describe)]) };
        if (page.Count > size)
        {
            answer["nextToken"] = $"{start + size}";
        }

        return OidcEndpoint.AnswerAsync(context, StatusCodes.Status200OK, answer);
    }

    private static Task RefuseAsync(HttpContext context, int statusCode, string type, string message)
    {
        context.Response.Headers["x-amzn-ErrorType"] = type;
        return OidcEndpoint.AnswerAsync(context, statusCode, new JsonObject { ["message"] = message });
    }
}
