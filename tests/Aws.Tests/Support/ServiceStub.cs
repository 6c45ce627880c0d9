using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Aws.Tests.Support;

/// <summary>A request as it arrived; whether its signature is right was found out independently of the SDK.</summary>
internal sealed record Received(
    string Target,
    string Body,
    string ContentType,
    string HostAndPath,
    string Authorization,
    bool IsSignatureValid
);

/// <summary>An HTTP server in the service's place, which answers what a test tells it to.</summary>
internal sealed class ServiceStub : IAsyncDisposable
{
    public const string AccessKeyId = "AKIDEXAMPLE";
    public const string SecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string SessionToken = "IQoJb3JpZ2luX2VjEXAMPLETOKEN////////==";
    public const string Region = "eu-west-1";
    public const string TokenValue = "AAEAAXsecretdatachanneltoken";
    public const string JsonType = "application/x-amz-json-1.1";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _requests = new();

    private ServiceStub(WebApplication app) => _app = app;

    public IReadOnlyList<Received> Requests => [.. _requests];

    public Uri Url => new(_app.Urls.First());

    public Func<HttpContext, Task> Answer { get; set; } = _ => throw new InvalidOperationException("No answer was prepared.");

    public static async Task<ServiceStub> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen =>
                {
                    if (certificate is not null)
                    {
                        listen.UseHttps(certificate);
                    }
                }
            )
        );
        var stub = new ServiceStub(builder.Build());
        stub._app.Run(stub.HandleAsync);
        await stub._app.StartAsync();
        return stub;
    }

    public void AnswerJson(int status, string json) => Answer = context => WriteAsync(context, status, JsonType, json);

    public void AnswerJson(string json) => AnswerJson(200, json);

    public void AnswerError(int status, string code, string message = "") =>
        AnswerJson(status, $$"""{"__type":"{{code}}","message":"{{message}}"}""");

    /// <summary>The answers in turn, the last one for ever.</summary>
    public void AnswerInTurn(params Func<HttpContext, Task>[] answers)
    {
        var next = 0;
        Answer = context => answers[Math.Min(next++, answers.Length - 1)](context);
    }

    public static Task WriteAsync(HttpContext context, int status, string? contentType, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.Headers["x-amzn-RequestId"] = "request-1";
        return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
    }

    public static Func<HttpContext, Task> Error(int status, string code) =>
        context => WriteAsync(context, status, JsonType, $$"""{"__type":"{{code}}","message":""}""");

    public static Func<HttpContext, Task> Json(string json) => context => WriteAsync(context, 200, JsonType, json);

    public static Task Reset(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        _requests.Enqueue(
            new Received(
                request.Headers["X-Amz-Target"].ToString(),
                body,
                request.ContentType ?? "",
                $"{request.Host}{request.Path}",
                request.Headers.Authorization.ToString(),
                SigV4.IsValid(request, body, AccessKeyId, SecretAccessKey, SessionToken, $"{Region}/ssm")
            )
        );
        await Answer(context);
    }
}
