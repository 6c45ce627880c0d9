using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.WebUtilities;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Query;

/// <summary>Answers calls in the query protocol, a form in and XML out, of all services at one
/// address. The signature says which one is meant.</summary>
internal sealed class QueryEndpoint(IReadOnlyList<IQueryService> services, SignatureVerifier signatures, ApiFaults faults)
{
    public static bool Serves(HttpRequest request) =>
        request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) == true;

    public async Task InvokeAsync(HttpContext context)
    {
        var service = services[0];
        try
        {
            var body = await AwsJsonEndpoint.ReadBodyAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
            var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
            var action = form.GetValueOrDefault("Action", "");
            service = services.FirstOrDefault(each => each.IsUnsigned(action)) ?? Signed(context.Request);
            var caller = service.IsUnsigned(action) ? null : signatures.Verify(context.Request, body, service.SigningName);
            RequirePermission(service, caller, action);
            if (faults.Take(action) is { } fault)
            {
                throw new ServiceException(fault.Code, fault.Message, fault.StatusCode);
            }

            await AnswerAsync(
                    context,
                    StatusCodes.Status200OK,
                    service.Envelope(action, service.Call(action, form, Region(context.Request), caller))
                )
                .ConfigureAwait(false);
        }
        catch (ServiceException refusal)
        {
            var code = Rename(refusal.Code);
            var status = code is "InvalidClientTokenId" or "SignatureDoesNotMatch" ? StatusCodes.Status403Forbidden : refusal.StatusCode;
            await AnswerAsync(context, status, service.Error(code, refusal.Message)).ConfigureAwait(false);
        }
    }

    // Credential=AKIA…/20261125/eu-west-1/rds/aws4_request
    private IQueryService Signed(HttpRequest request)
    {
        var authorization = AuthorizationHeader.Parse(request.Headers.Authorization);
        return services.FirstOrDefault(service => service.SigningName == authorization.Service)
            ?? throw new ServiceException("InvalidAction", $"There is no service {authorization.Service} here.");
    }

    private static string Region(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { Length: > 0 } header ? AuthorizationHeader.Parse(header).Region : "us-east-1";

    private static void RequirePermission(IQueryService service, EmulatedCredential? caller, string action)
    {
        var permission = $"{service.SigningName}:{action}";
        if (caller?.May(permission) == false)
        {
            throw new ServiceException(
                service.AccessDeniedCode,
                $"User: {caller.Arn} is not authorized to perform: {permission} because no identity-based policy allows the {permission} action",
                StatusCodes.Status403Forbidden
            );
        }
    }

    // In this protocol some errors bear other names than in JSON.
    private static string Rename(string code) =>
        code switch
        {
            "UnrecognizedClientException" => "InvalidClientTokenId",
            "InvalidSignatureException" => "SignatureDoesNotMatch",
            "ExpiredTokenException" => "ExpiredToken",
            "IncompleteSignatureException" => "IncompleteSignature",
            "ThrottlingException" => "Throttling",
            _ => code,
        };

    private static Task AnswerAsync(HttpContext context, int statusCode, XElement answer)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "text/xml";
        return context.Response.WriteAsync(answer.ToString(SaveOptions.DisableFormatting), context.RequestAborted);
    }
}
