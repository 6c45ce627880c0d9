using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Tests.Support;

/// <summary>Calls the emulator's APIs.</summary>
internal sealed class AwsClient(Uri endpoint, TimeProvider time, EmulatedCredential? credential = null) : IDisposable
{
    /// <summary>Which agents find on this machine.</summary>
    public const string TargetHost = "target.internal";

    private readonly EmulatedCredential _credential = credential ?? EmulatedCredential.Default;
    private readonly HttpClient _http = new() { BaseAddress = endpoint };

    public async Task<(HttpStatusCode Status, JsonObject Answer)> CallAsync(
        string operation,
        JsonObject input,
        TimeSpan clockSkew = default
    )
    {
        var body = Encoding.UTF8.GetBytes(input.ToJsonString());
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation("X-Amz-Target", $"AmazonSSM.{operation}");
        RequestSigner.Sign(request, body, "ssm", _credential, time.GetUtcNow() + clockSkew);
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    public async Task<JsonObject> CallAndExpectAsync(string operation, JsonObject input)
    {
        var (status, answer) = await CallAsync(operation, input);
        Assert.True(status == HttpStatusCode.OK, answer.ToJsonString());
        return answer;
    }

    public async Task<string> ErrorCodeAsync(string operation, JsonObject input, TimeSpan clockSkew = default)
    {
        var (status, answer) = await CallAsync(operation, input, clockSkew);
        Assert.NotEqual(HttpStatusCode.OK, status);
        return answer["__type"]!.GetValue<string>();
    }

    public async Task<(string SessionId, Uri StreamUrl, string Token)> StartSessionAsync(int targetPort, string? host = TargetHost)
    {
        var answer = await CallAndExpectAsync("StartSession", StartSessionInput(targetPort, host));
        return (
            answer["SessionId"]!.GetValue<string>(),
            new Uri(answer["StreamUrl"]!.GetValue<string>()),
            answer["TokenValue"]!.GetValue<string>()
        );
    }

    public static JsonObject StartSessionInput(int targetPort, string? host = TargetHost)
    {
        var parameters = new JsonObject { ["portNumber"] = new JsonArray($"{targetPort}"), ["localPortNumber"] = new JsonArray("25432") };
        if (host is not null)
        {
            parameters["host"] = new JsonArray(host);
        }

        return new JsonObject
        {
            ["Target"] = EmulatedInstance.Default.InstanceId,
            ["DocumentName"] = host is null ? "AWS-StartPortForwardingSession" : "AWS-StartPortForwardingSessionToRemoteHost",
            ["Parameters"] = parameters,
        };
    }

    public async Task<HttpResponseMessage> CreateDataChannelAsync(string sessionId)
    {
        var body = Encoding.UTF8.GetBytes("{\"MessageSchemaVersion\":\"1.0\",\"RequestId\":\"r\",\"ClientId\":\"c\"}");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, $"/v1/data-channel/{sessionId}"))
        {
            Content = new ByteArrayContent(body),
        };
        RequestSigner.Sign(request, body, "ssmmessages", _credential, time.GetUtcNow());
        return await _http.SendAsync(request);
    }

    public void Dispose() => _http.Dispose();
}
