using System.Globalization;
using System.Security;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Sts;

/// <summary>The Security Token Service, in the query protocol: a form in, XML out.</summary>
internal sealed class StsEndpoint(CredentialStore credentials, SignatureVerifier signatures, IReadOnlyList<EmulatedRole> roles, TimeProvider time)
{
    private const int DefaultSeconds = 3600;
    private const int MinSeconds = 900;
    private const int MaxSeconds = 43_200;
    private const string Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    public static bool Serves(HttpRequest request) => request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) == true;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            var body = await AwsJsonEndpoint.ReadBodyAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
            var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
            var action = form.GetValueOrDefault("Action", "");
            var result = action switch
            {
                "AssumeRoleWithWebIdentity" => AssumeRoleWithWebIdentity(form),
                "AssumeRole" => AssumeRole(form, signatures.Verify(context.Request, body, "sts")),
                "GetCallerIdentity" => Identity(signatures.Verify(context.Request, body, "sts")),
                _ => throw new ServiceException("InvalidAction", $"Could not find operation {action} for version {form.GetValueOrDefault("Version")}"),
            };
            await AnswerAsync(context, StatusCodes.Status200OK,
                $"<{action}Response xmlns=\"{Namespace}\"><{action}Result>{result}</{action}Result><ResponseMetadata><RequestId>{Guid.NewGuid()}</RequestId></ResponseMetadata></{action}Response>")
                .ConfigureAwait(false);
        }
        catch (ServiceException refusal)
        {
            await AnswerAsync(context, StatusOf(refusal),
                $"<ErrorResponse xmlns=\"{Namespace}\"><Error><Type>Sender</Type><Code>{QueryCode(refusal.Code)}</Code><Message>{SecurityElement.Escape(refusal.Message)}</Message></Error>"
                + $"<RequestId>{Guid.NewGuid()}</RequestId></ErrorResponse>").ConfigureAwait(false);
        }
    }

    private string AssumeRole(Dictionary<string, string> form, EmulatedCredential caller)
    {
        var role = RoleOf(form);
        var isTrusted = role is { WebIdentityToken: null }
            && (role.ExternalId is null || role.ExternalId == form.GetValueOrDefault("ExternalId"))
            && (role.MfaSerial is null || (role.MfaSerial == form.GetValueOrDefault("SerialNumber") && role.MfaCode == form.GetValueOrDefault("TokenCode")));
        return isTrusted
            ? Credentials(role!, form)
            : throw new ServiceException("AccessDenied",
                $"User: {caller.Arn} is not authorized to perform: sts:AssumeRole on resource: {form.GetValueOrDefault("RoleArn")}", StatusCodes.Status403Forbidden);
    }

    private string AssumeRoleWithWebIdentity(Dictionary<string, string> form)
    {
        var role = RoleOf(form);
        return role?.WebIdentityToken is { } token && token == form.GetValueOrDefault("WebIdentityToken")
            ? Credentials(role, form)
            : throw new ServiceException("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider");
    }

    private EmulatedRole? RoleOf(Dictionary<string, string> form) => roles.FirstOrDefault(role => role.Arn == form.GetValueOrDefault("RoleArn"));

    private string Credentials(EmulatedRole role, Dictionary<string, string> form)
    {
        var seconds = form.TryGetValue("DurationSeconds", out var text) ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : DefaultSeconds;
        if (seconds is < MinSeconds or > MaxSeconds)
        {
            throw new ServiceException("ValidationError", $"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint");
        }

        // arn:aws:iam::111122223333:role/Name
        var (account, name) = (role.Arn.Split(':')[4], role.Arn[(role.Arn.LastIndexOf('/') + 1)..]);
        var arn = $"arn:aws:sts::{account}:assumed-role/{name}/{form["RoleSessionName"]}";
        var credential = credentials.Issue(arn, time.GetUtcNow().AddSeconds(seconds));
        return $"<AssumedRoleUser><Arn>{SecurityElement.Escape(arn)}</Arn><AssumedRoleId>AROA0123456789ABCDEF:{SecurityElement.Escape(form["RoleSessionName"])}</AssumedRoleId></AssumedRoleUser>"
            + $"<Credentials><AccessKeyId>{credential.AccessKeyId}</AccessKeyId><SecretAccessKey>{credential.SecretAccessKey}</SecretAccessKey>"
            + $"<SessionToken>{credential.SessionToken}</SessionToken><Expiration>{credential.ExpiresAt:yyyy-MM-dd'T'HH:mm:ss'Z'}</Expiration></Credentials>";
    }

    private static string Identity(EmulatedCredential caller) =>
        $"<Arn>{SecurityElement.Escape(caller.Arn)}</Arn><UserId>AIDA0123456789ABCDEF</UserId><Account>{caller.Arn.Split(':')[4]}</Account>";

    // In this protocol some errors bear other names than in JSON.
    private static string QueryCode(string code) => code switch
    {
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "ExpiredTokenException" => "ExpiredToken",
        "IncompleteSignatureException" => "IncompleteSignature",
        _ => code,
    };

    private static int StatusOf(ServiceException refusal) => refusal.Code is "UnrecognizedClientException" or "InvalidSignatureException" ? StatusCodes.Status403Forbidden : refusal.StatusCode;

    private static Task AnswerAsync(HttpContext context, int statusCode, string xml)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "text/xml";
        return context.Response.WriteAsync(xml, context.RequestAborted);
    }
}
