using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.AwsJson;

/// <summary>Answers JSON 1.1 calls of all services at one address: signature, permission, injected fault, operation.</summary>
internal sealed partial class AwsJsonEndpoint(
    IReadOnlyList<IAwsJsonService> services,
    SignatureVerifier signatures,
    ApiFaults faults,
    SecretsGivenOut secrets,
    ILogger<AwsJsonEndpoint> logger
)
{
    private const string ContentType = "application/x-amz-json-1.1";

    /// <summary>No request of these services comes near it.</summary>
    private const int MaxBodyBytes = 1024 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        var operation = "";
        try
        {
            var body = await ReadBodyAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
            var target = context.Request.Headers["X-Amz-Target"].ToString().Split('.', 2);
            var service = services.FirstOrDefault(service => service.TargetPrefix == target[0]);
            if (service is null || target.Length != 2)
            {
                throw new ServiceException("UnknownOperationException", "");
            }

            operation = target[1];
            var caller = signatures.Verify(context.Request, body, service.SigningName);
            RequirePermission(caller, $"{service.SigningName}:{operation}");
            var fault = faults.Take(operation);
            if (fault is not null && fault != ApiFault.LostAnswer)
            {
                throw new ServiceException(fault.Code, fault.Message, fault.StatusCode);
            }

            var output = service.Call(
                operation,
                Parse(body),
                caller,
                AuthorizationHeader.Parse(context.Request.Headers.Authorization).Region,
                AddressOf(context.Request)
            );
            secrets.Note(output);
            if (fault == ApiFault.LostAnswer)
            {
                LogLostAnswer(operation);
                context.Abort();
                return;
            }

            await AnswerAsync(context, StatusCodes.Status200OK, output).ConfigureAwait(false);
        }
        catch (ServiceException refusal)
        {
            LogRefused(operation, refusal.Code, refusal.Message);
            var error = new JsonObject { ["__type"] = refusal.Code, ["message"] = refusal.Message };
            await AnswerAsync(context, refusal.StatusCode, error).ConfigureAwait(false);
        }
    }

    internal static Uri AddressOf(HttpRequest request) => new($"{request.Scheme}://{request.Host}");

    internal static async Task<byte[]> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            var count = await request.Body.ReadAsync(body.GetMemory(), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return body.WrittenSpan.ToArray();
            }

            body.Advance(count);
            if (body.WrittenCount > MaxBodyBytes)
            {
                throw new ServiceException(
                    "RequestEntityTooLargeException",
                    "Request body is too large.",
                    StatusCodes.Status413PayloadTooLarge
                );
            }
        }
    }

    internal static JsonObject Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject
                ?? throw new ServiceException("SerializationException", "Start of structure or map found where not expected.");
        }
        catch (JsonException)
        {
            throw new ServiceException("SerializationException", "The body is not JSON.");
        }
    }

    private static void RequirePermission(EmulatedCredential caller, string action)
    {
        if (!caller.May(action))
        {
            throw new ServiceException(
                "AccessDeniedException",
                $"User: {caller.Arn} is not authorized to perform: {action} "
                    + $"because no identity-based policy allows the {action} action"
            );
        }
    }

    private static Task AnswerAsync(HttpContext context, int statusCode, JsonObject answer)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = ContentType;
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        var body = Encoding.UTF8.GetBytes(answer.ToJsonString());
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    [LoggerMessage(1, LogLevel.Information, "{Operation} refused: {Code}: {Message}")]
    private partial void LogRefused(string operation, string code, string message);

    [LoggerMessage(2, LogLevel.Information, "{Operation} executed; its answer is lost on purpose")]
    private partial void LogLostAnswer(string operation);
}
