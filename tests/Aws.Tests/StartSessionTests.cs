using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class StartSessionTests : SessionFixture
{
    [Fact]
    public async Task StartSession_ToARemoteHost_SendsExactlyThisSignedRequest()
    {
        Stub.AnswerJson(Started);

        await Service.StartSessionAsync(Request, CancellationToken.None);

        var request = Assert.Single(Stub.Requests);
        Assert.Equal("AmazonSSM.StartSession", request.Target);
        Assert.Equal("application/x-amz-json-1.1", request.ContentType);
        Assert.Equal($"{Stub.Url.Authority}/", request.HostAndPath);
        Assert.Equal(
            """{"DocumentName":"AWS-StartPortForwardingSessionToRemoteHost","Parameters":{"host":["db.example.eu-west-1.rds.amazonaws.com"],"portNumber":["5432"]},"Reason":"rds-tunnel","Target":"i-0123456789abcdef0"}""",
            request.Body
        );
        Assert.True(request.IsSignatureValid, request.Authorization);
    }

    [Fact]
    public async Task StartSession_ToAPortOfTheTarget_UsesTheOtherDocument()
    {
        Stub.AnswerJson(Started);

        await Service.StartSessionAsync(new PortSessionRequest("mi-1", Host: null, 3306), CancellationToken.None);

        Assert.Equal(
            """{"DocumentName":"AWS-StartPortForwardingSession","Parameters":{"portNumber":["3306"]},"Target":"mi-1"}""",
            Assert.Single(Stub.Requests).Body
        );
    }

    [Fact]
    public async Task StartSession_Answered_GivesTheAddressAsItIs()
    {
        Stub.AnswerJson(Started);

        var access = await Service.StartSessionAsync(Request, CancellationToken.None);

        Assert.Equal("alice-0f1e", access.SessionId);
        Assert.Equal("ws://127.0.0.1:1/v1/data-channel/alice-0f1e?role=publish_subscribe", access.StreamUrl.OriginalString);
        Assert.Equal(ServiceStub.TokenValue, access.TokenValue);
        Assert.DoesNotContain(ServiceStub.TokenValue, access.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ws://ssmmessages.eu-west-1.amazonaws.com/v1")]
    [InlineData("https://127.0.0.1/v1")]
    [InlineData("/v1/data-channel/x")]
    [InlineData("")]
    public async Task StartSession_AddressIsNoSecureWebsocket_IsAServiceFault(string streamUrl)
    {
        Stub.AnswerJson($$"""{"SessionId":"alice-0f1e","StreamUrl":"{{streamUrl}}","TokenValue":"t"}""");

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Equal(AwsErrorCode.ServiceFault, e.Code);
    }

    [Fact]
    public async Task StartSession_Canceled_EndsAtOnceAsCanceled()
    {
        using var cancellation = new CancellationTokenSource();
        Stub.Answer = async context =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                .ContinueWith(_ => { }, TaskScheduler.Default);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Service.StartSessionAsync(Request, cancellation.Token));
    }

    [Fact]
    public async Task StartSession_ClockTwoHoursBehind_SignsAgainWithTheServersTime()
    {
        var serverNow = TimeProvider.System.GetUtcNow().AddHours(2);
        Stub.Answer = context =>
        {
            context.Response.Headers.Date = serverNow.ToString("R");
            var signedAt = DateTimeOffset.ParseExact(
                context.Request.Headers["X-Amz-Date"].ToString(),
                "yyyyMMdd'T'HHmmssK",
                null,
                System.Globalization.DateTimeStyles.AssumeUniversal
            );
            return (serverNow - signedAt).Duration() > TimeSpan.FromMinutes(5)
                ? ServiceStub.WriteAsync(
                    context,
                    400,
                    ServiceStub.JsonType,
                    """{"__type":"InvalidSignatureException","message":"Signature expired: a is now earlier than b"}"""
                )
                : ServiceStub.WriteAsync(context, 200, ServiceStub.JsonType, Started);
        };

        var start = Service.StartSessionAsync(Request, CancellationToken.None);
        Time.Advance(await Time.NextBackoffAsync());
        await start;

        Assert.Equal(2, Stub.Requests.Count);
        Assert.True(Stub.Requests[1].IsSignatureValid);
    }
}
