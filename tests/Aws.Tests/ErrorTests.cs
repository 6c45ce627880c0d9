using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>Each error says what failed, whose fault it is, and what to do.</summary>
public sealed class ErrorTests : SessionFixture
{
    private const string Token = "A1bje7MtGbClwBF2Zp9Utkh3yCo8nvbEXAMPLEKE";

    [Theory]
    [InlineData(
        "AccessDeniedException",
        400,
        AwsErrorCode.AccessDenied,
        "the environment's credentials can't call ssm:StartSession with document AWS-StartPortForwardingSessionToRemoteHost on target i-0123456789abcdef0"
    )]
    [InlineData("TargetNotConnected", 400, AwsErrorCode.TargetNotConnected, "the target is not connected")]
    [InlineData(
        "InvalidDocument",
        400,
        AwsErrorCode.InvalidDocument,
        "AWS-StartPortForwardingSessionToRemoteHost on target i-0123456789abcdef0: the document does not exist in eu-west-1"
    )]
    [InlineData("ExpiredTokenException", 400, AwsErrorCode.CredentialsExpired, "have expired")]
    [InlineData("UnrecognizedClientException", 400, AwsErrorCode.CredentialsInvalid, "does not recognize the access key")]
    [InlineData("InvalidSignatureException", 400, AwsErrorCode.CredentialsInvalid, "secret access key")]
    [InlineData("ValidationException", 400, AwsErrorCode.InvalidRequest, "rejected the request (HTTP 400, ValidationException)")]
    [InlineData("com.amazonaws.ssm#InvalidDocument:http://x", 400, AwsErrorCode.InvalidDocument, "does not exist")]
    [InlineData("InternalServerError", 500, AwsErrorCode.ServiceFault, "HTTP 500, InternalServerError")]
    [InlineData("OptInRequired", 403, AwsErrorCode.AccessDenied, "isn't subscribed to this service")]
    public async Task StartSession_ServiceRefuses_SaysWhatToDo(string errorCode, int status, AwsErrorCode code, string says)
    {
        Stub.AnswerError(status, errorCode, "the service's own words");

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Equal(code, e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Single(Stub.Requests);
    }

    [Theory]
    [InlineData("AccessDeniedException")]
    [InlineData("TargetNotConnected")]
    [InlineData("InvalidDocument")]
    [InlineData("ValidationException")]
    public async Task StartSession_ServiceExplains_ItsWordsAreQuoted(string errorCode)
    {
        Stub.AnswerError(400, errorCode, "User: arn:aws:iam::123456789012:user/alice is not authorized");

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Contains("AWS says: User: arn:aws:iam::123456789012:user/alice is not authorized", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartSession_ServiceTalksWithoutEnd_IsQuotedInShort()
    {
        Stub.AnswerError(400, "ValidationException", new string('x', 100_000) + @"\u0007\n");

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.InRange(e.Message.Length, 400, 800);
    }

    /// <summary>The code of an error is as foreign as its words; of an error without words the SDK
    /// makes some that quote the whole answer.</summary>
    [Theory]
    [InlineData(Token, "words")]
    [InlineData("ValidationException", Token)]
    [InlineData("ValidationException", "")]
    [InlineData("AccessDeniedException", $"password=hunter2 {Token}")]
    public async Task StartSession_ErrorHoldsWhatLooksLikeASecret_ItIsLeftOut(string code, string message)
    {
        Stub.AnswerError(400, code, message);

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.DoesNotContain(Token[..12], e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP Body", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RequestTimeTooSkewed", "")]
    [InlineData("InvalidSignatureException", "Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z")]
    [InlineData("InvalidSignatureException", "Signature not yet current: 20260101T000000Z is still later than 20250101T000000Z")]
    public async Task StartSession_ClockIsWrongAndCannotBeCorrected_NamesTheClock(string errorCode, string message)
    {
        // Without a Date header the server's time is not known, so there is nothing to sign again with.
        Stub.Answer = context =>
        {
            context.Response.Headers.Date = "";
            return ServiceStub.WriteAsync(context, 400, ServiceStub.JsonType, $$"""{"__type":"{{errorCode}}","message":"{{message}}"}""");
        };

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Equal(AwsErrorCode.CredentialsInvalid, e.Code);
        Assert.Contains("clock is wrong", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "text/html", "<html>Welcome to the hotel</html>", AwsErrorCode.ServiceFault, "sign-in page")]
    [InlineData(302, "text/html", "", AwsErrorCode.ServiceFault, "sign-in page")]
    [InlineData(403, "text/html", "<html>Blocked</html>", AwsErrorCode.ServiceFault, "HTTP 403, text/html")]
    [InlineData(503, "text/html", "<html>Try later</html>", AwsErrorCode.ServiceFault, "HTTP 503")]
    [InlineData(502, null, "", AwsErrorCode.ServiceFault, "HTTP 502")]
    [InlineData(407, "text/html", "<html/>", AwsErrorCode.Unreachable, "proxy requires a user name")]
    [InlineData(200, ServiceStub.JsonType, "{\"SessionId\":", AwsErrorCode.ServiceFault, "unexpected response")]
    [InlineData(200, ServiceStub.JsonType, "null", AwsErrorCode.ServiceFault, "unexpected response")]
    [InlineData(200, ServiceStub.JsonType, "{\"SessionId\":[7]}", AwsErrorCode.ServiceFault, "unexpected response")]
    [InlineData(200, ServiceStub.JsonType, "{}", AwsErrorCode.ServiceFault, "has no session ID")]
    [InlineData(400, ServiceStub.JsonType, "{}", AwsErrorCode.InvalidRequest, "HTTP 400")]
    [InlineData(400, ServiceStub.JsonType, "not json", AwsErrorCode.InvalidRequest, "HTTP 400")]
    public async Task StartSession_AnswerIsNotTheServices_SaysSo(
        int status,
        string? contentType,
        string body,
        AwsErrorCode code,
        string says
    )
    {
        Stub.Answer = context =>
        {
            context.Response.Headers.Location = "http://portal.example/";
            return ServiceStub.WriteAsync(context, status, contentType, body);
        };

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Equal(code, e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Single(Stub.Requests);
    }

    [Fact]
    public async Task StartSession_AnswerIsHuge_IsAServiceFault()
    {
        Stub.AnswerJson("\"" + new string('x', 9 << 20) + "\"");

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Equal(AwsErrorCode.ServiceFault, e.Code);
        Assert.Contains("more than 8388608 bytes", e.Message, StringComparison.Ordinal);
    }
}
