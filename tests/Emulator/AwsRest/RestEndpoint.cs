using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.AwsRest;

/// <summary>Answers REST-JSON calls of all services at one address. The signature says which one is meant.</summary>
internal sealed class RestEndpoint(IReadOnlyList<IRestService> services, SignatureVerifier signatures, ApiFaults faults)
{
    public bool Serves(HttpRequest request) =>
        services.Any(service =>
            request.Headers.Authorization.ToString().Contains($"/{service.SigningName}/aws4_request", StringComparison.Ordinal)
        );

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            var authorization = AuthorizationHeader.Parse(context.Request.Headers.Authorization);
            var service = services.Single(each => each.SigningName == authorization.Service);
            var body = await AwsJsonEndpoint.ReadBodyAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
            var path = context
                .Features.GetRequiredFeature<IHttpRequestFeature>()
                .RawTarget.Split('?')[0]
                .Split('/')
                .Skip(1)
                .Select(Uri.UnescapeDataString)
                .ToList();
            var (operation, subject) =
                service.Route(context.Request.Method, path)
                ?? throw new ServiceException("UnknownOperationException", "", StatusCodes.Status404NotFound);
            RequirePermission(service, signatures.Verify(context.Request, body, service.SigningName), operation);
            if (faults.Take(operation) is { } fault)
            {
                throw new ServiceException(fault.Code, fault.Message, fault.StatusCode);
            }

            var input = new RestInput(context.Request.Query, body.Length == 0 ? [] : AwsJsonEndpoint.Parse(body));
            await AnswerAsync(context, StatusCodes.Status200OK, service.Call(operation, subject, input, authorization.Region))
                .ConfigureAwait(false);
        }
        catch (ServiceException refusal)
        {
            // These services tell the code in a header.
            context.Response.Headers["x-amzn-ErrorType"] = refusal.Code;
            await AnswerAsync(context, refusal.StatusCode, new JsonObject { ["message"] = refusal.Message }).ConfigureAwait(false);
        }
    }

    private static void RequirePermission(IRestService service, EmulatedCredential caller, string operation)
    {
        var permission = $"{service.SigningName}:{operation}";
        if (!caller.May(permission))
        {
            throw new ServiceException(
                service.AccessDeniedCode,
                $"User: {caller.Arn} is not authorized to perform: {permission} because no identity-based policy allows the {permission} action",
                StatusCodes.Status403Forbidden
            );
        }
    }

    private static Task AnswerAsync(HttpContext context, int statusCode, JsonObject answer)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "application/json";
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        var body = Encoding.UTF8.GetBytes(answer.ToJsonString());
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
