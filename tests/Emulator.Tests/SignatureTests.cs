using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.Tests.Support;

namespace RdsTunnel.Emulator.Tests;

public sealed class SignatureTests
{
    private static readonly System.Text.Json.Nodes.JsonObject AnyInput = new() { ["SessionId"] = "user-1" };

    // From AWS's own suite for Signature Version 4: get-vanilla and get-vanilla-query-order-key-case.
    [Theory]
    [InlineData("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    public void Verify_PublishedExample_IsAccepted(string target, string signature)
    {
        var credential = new EmulatedCredential("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        var verifier = new SignatureVerifier(
            new CredentialStore([credential]),
            new FixedTime(new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero))
        );

        Assert.Same(credential, verifier.Verify(PublishedRequest(target, signature), [], "service"));
        Assert.Throws<ServiceException>(() => verifier.Verify(PublishedRequest(target, signature), [1], "service"));
    }

    [Fact]
    public async Task Call_WrongSecret_IsInvalidSignature() =>
        Assert.Equal("InvalidSignatureException", await ErrorAsync(EmulatedCredential.Default with { SecretAccessKey = "wrong" }));

    [Fact]
    public async Task Call_UnknownKey_IsUnrecognizedClient() =>
        Assert.Equal("UnrecognizedClientException", await ErrorAsync(EmulatedCredential.Default with { AccessKeyId = "AKIAUNKNOWN" }));

    [Fact]
    public async Task Call_WithoutItsSessionToken_IsUnrecognizedClient()
    {
        var temporary = new EmulatedCredential("ASIATEMPORARY", "secret", "token");

        Assert.Equal("UnrecognizedClientException", await ErrorAsync(temporary with { SessionToken = null }, temporary));
        Assert.Equal("DoesNotExistException", await ErrorAsync(temporary, temporary));
    }

    [Fact]
    public async Task Call_ExpiredToken_IsExpiredToken()
    {
        var expired = new EmulatedCredential("ASIATEMPORARY", "secret", "token", TimeProvider.System.GetUtcNow());

        Assert.Equal("ExpiredTokenException", await ErrorAsync(expired, expired));
    }

    [Theory]
    [InlineData(-6, "InvalidSignatureException")]
    [InlineData(6, "InvalidSignatureException")]
    [InlineData(-4, "DoesNotExistException")]
    [InlineData(4, "DoesNotExistException")]
    public async Task Call_SkewedClock_IsRefusedBeyondFiveMinutes(int minutes, string code)
    {
        await using var emulator = await EmulatorFixture.StartAsync();

        Assert.Equal(
            code,
            await emulator.Aws.ErrorCodeAsync(
                "ResumeSession",
                (System.Text.Json.Nodes.JsonObject)AnyInput.DeepClone(),
                TimeSpan.FromMinutes(minutes)
            )
        );
    }

    [Fact]
    public async Task Call_Unsigned_IsMissingAuthenticationToken()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, emulator.Server.Endpoint) { Content = new StringContent("{}") };
        request.Headers.Add("X-Amz-Target", "AmazonSSM.StartSession");

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("MissingAuthenticationTokenException", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(response.Headers.Contains("x-amzn-RequestId"));
    }

    private static async Task<string> ErrorAsync(EmulatedCredential used, EmulatedCredential? known = null)
    {
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Credentials = [known ?? EmulatedCredential.Default] }
        );
        using var aws = new AwsClient(emulator.Server.Endpoint, TimeProvider.System, used);
        return await aws.ErrorCodeAsync("ResumeSession", (System.Text.Json.Nodes.JsonObject)AnyInput.DeepClone());
    }

    private static HttpRequest PublishedRequest(string target, string signature)
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        context.Request.Method = "GET";
        context.Request.Headers.Host = "example.amazonaws.com";
        context.Request.Headers["X-Amz-Date"] = "20150830T123600Z";
        context.Request.Headers.Authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            + $"SignedHeaders=host;x-amz-date, Signature={signature}";
        return context.Request;
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
