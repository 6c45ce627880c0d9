using System.Text.Encodings.Web;
using Microsoft.AspNetCore.WebUtilities;

namespace RdsTunnel.Emulator.IdentityCenter;

/// <summary>What a person sees in the browser: <c>/authorize</c> and <c>/device</c>, with a button to allow and one to deny.</summary>
internal sealed class ApprovalPage(Grants grants, TimeProvider time)
{
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(10);

    public static bool Serves(PathString path) => path.Value is "/authorize" or "/device";

    public async Task InvokeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var isDevice = context.Request.Path == "/device";
        var problem = isDevice
            ? grants.FindByUserCode(query["user_code"].ToString()) is null
                ? "This code is not known, or has been used."
                : null
            : Problem(query);
        if (problem is not null)
        {
            await PageAsync(context, StatusCodes.Status400BadRequest, $"<p role=\"alert\">{problem}</p>").ConfigureAwait(false);
            return;
        }

        if (HttpMethods.IsGet(context.Request.Method))
        {
            var code = isDevice
                ? $"<p>Compare this code with what your program shows: <strong id=\"code\">{Html(query["user_code"]!)}</strong></p>"
                : "";
            await PageAsync(
                    context,
                    StatusCodes.Status200OK,
                    $"<p>A program on your computer asks for access to your AWS accounts.</p>{code}<form method=\"post\">"
                        + "<button id=\"allow\" name=\"decision\" value=\"allow\">Allow access</button> <button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button></form>"
                )
                .ConfigureAwait(false);
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        var isAllowed = form["decision"] == "allow";
        if (isDevice)
        {
            grants.FindByUserCode(query["user_code"].ToString())!.IsAllowed = isAllowed;
            await PageAsync(
                    context,
                    StatusCodes.Status200OK,
                    isAllowed ? "<p id=\"done\">Request approved. You can close this page.</p>" : "<p id=\"done\">Request denied.</p>"
                )
                .ConfigureAwait(false);
            return;
        }

        context.Response.Redirect(
            QueryHelpers.AddQueryString(
                query["redirect_uri"]!,
                isAllowed
                    ? new Dictionary<string, string?> { ["code"] = Allow(query).Code, ["state"] = query["state"] }
                    : new Dictionary<string, string?> { ["error"] = "access_denied", ["state"] = query["state"] }
            )
        );
    }

    private PendingAuthorization Allow(IQueryCollection query) =>
        grants.Add(
            new PendingAuthorization(Grants.Random(), query["client_id"]!, time.GetUtcNow() + CodeLifetime)
            {
                RedirectUri = query["redirect_uri"],
                CodeChallenge = query["code_challenge"],
                IsAllowed = true,
            }
        );

    private string? Problem(IQueryCollection query)
    {
        if (grants.FindClient(query["client_id"].ToString()) is not { } client)
        {
            return "This program is not registered.";
        }

        // A loopback address is the registered one whatever its port.
        var isRegistered =
            Uri.TryCreate(query["redirect_uri"], UriKind.Absolute, out var redirect)
            && client.RedirectUris.Any(uri => uri == $"{redirect.Scheme}://{redirect.Host}{redirect.AbsolutePath}");
        return !isRegistered ? "The address to come back to is not registered."
            : !client.GrantTypes.Contains("authorization_code") ? "This program is not registered for authorization codes."
            : query["response_type"] != "code" || query["code_challenge_method"] != "S256" || string.IsNullOrEmpty(query["code_challenge"])
                ? "The request lacks a code challenge."
            : null;
    }

    private static Task PageAsync(HttpContext context, int statusCode, string content)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Local AWS access portal</title><style>"
                + "body{font:1rem/1.5 system-ui;margin:10vh auto;max-width:28rem;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}#code{font-size:1.4rem;letter-spacing:.1em}"
                + $"</style></head><body><h1>Local AWS access portal</h1>{content}</body></html>",
            context.RequestAborted
        );
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
