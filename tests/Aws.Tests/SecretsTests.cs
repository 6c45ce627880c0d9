using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>Neither an exception, in all its depth, nor a log line holds a key or a token: not even when the service says them.</summary>
public sealed class SecretsTests : SessionFixture
{
    private static readonly string[] Secrets = [ServiceStub.SecretAccessKey, ServiceStub.SessionToken, ServiceStub.TokenValue];

    [Theory]
    [InlineData("AccessDeniedException", 400)]
    [InlineData("TargetNotConnected", 400)]
    [InlineData("InvalidDocument", 400)]
    [InlineData("InvalidSignatureException", 400)]
    [InlineData("ExpiredTokenException", 400)]
    [InlineData("UnrecognizedClientException", 400)]
    [InlineData("ValidationException", 400)]
    [InlineData("InternalServerError", 500)]
    public async Task StartSession_ErrorRepeatsTheCredentials_TheyGoNoFurther(string code, int status)
    {
        Stub.AnswerError(status, code, $"canonical string: {ServiceStub.SecretAccessKey} x-amz-security-token:{ServiceStub.SessionToken}");

        AssertNoSecretIn(await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None)));
    }

    [Theory]
    [InlineData($$"""{"SessionId":"s","StreamUrl":"http://x/","TokenValue":"{{ServiceStub.TokenValue}}"}""")]
    [InlineData($$"""{"SessionId":"","StreamUrl":"wss://x/","TokenValue":"{{ServiceStub.TokenValue}}"}""")]
    [InlineData($$"""{"SessionId":{},"StreamUrl":"wss://x/","TokenValue":"{{ServiceStub.TokenValue}}"}""")]
    [InlineData($$"""{"TokenValue":"{{ServiceStub.TokenValue}}" """)]
    public async Task StartSession_AnswerIsUnusable_ItsTokenGoesNoFurther(string json)
    {
        Stub.AnswerJson(json);

        AssertNoSecretIn(await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None)));
    }

    [Fact]
    public async Task Session_WholeLife_LeavesNoSecretInTheLogs()
    {
        Stub.AnswerInTurn(
            ServiceStub.Error(400, "ThrottlingException"),
            ServiceStub.Json(Started),
            ServiceStub.Json(Started),
            ServiceStub.Json("{}")
        );

        var start = Service.StartSessionAsync(Request, CancellationToken.None);
        Time.Advance(await Time.NextBackoffAsync());
        var access = await start;
        await Service.ResumeSessionAsync(access.SessionId, CancellationToken.None);
        await Service.TerminateSessionAsync(access.SessionId, CancellationToken.None);

        Assert.Contains(Logs.Lines, line => line.Contains("alice-0f1e", StringComparison.Ordinal));
        AssertNoSecretIn($"{access} {string.Join('\n', Logs.Lines)}");
    }

    [Fact]
    public void ToString_OfKeys_LeavesTheSecretOut() =>
        AssertNoSecretIn(new StaticKeys(ServiceStub.AccessKeyId, ServiceStub.SecretAccessKey, ServiceStub.SessionToken).ToString());

    private void AssertNoSecretIn(AwsException e) => AssertNoSecretIn($"{e} {string.Join('\n', Logs.Lines)}");

    private static void AssertNoSecretIn(string text) =>
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
}
