using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class ResumeAndTerminateTests : SessionFixture
{
    [Fact]
    public async Task ResumeSession_SessionLives_GivesANewTokenAndAddress()
    {
        Stub.AnswerJson(Started);

        var access = await Service.ResumeSessionAsync("alice-0f1e", CancellationToken.None);

        Assert.Equal(ServiceStub.TokenValue, access!.TokenValue);
        var request = Assert.Single(Stub.Requests);
        Assert.Equal("AmazonSSM.ResumeSession", request.Target);
        Assert.Equal("""{"SessionId":"alice-0f1e"}""", request.Body);
        Assert.True(request.IsSignatureValid);
    }

    [Theory]
    [InlineData(200, """{"SessionId":"alice-0f1e","StreamUrl":"","TokenValue":""}""")]
    [InlineData(200, """{"SessionId":"alice-0f1e"}""")]
    [InlineData(400, """{"__type":"DoesNotExistException","message":"gone"}""")]
    public async Task ResumeSession_SessionIsOver_IsNull(int status, string json)
    {
        Stub.AnswerJson(status, json);

        Assert.Null(await Service.ResumeSessionAsync("alice-0f1e", CancellationToken.None));
    }

    [Fact]
    public async Task ResumeSession_ServiceFailsTwice_SucceedsAtTheThirdAttempt()
    {
        Stub.AnswerInTurn(ServiceStub.Error(500, "InternalServerError"), ServiceStub.Reset, ServiceStub.Json(Started));
        var resume = Service.ResumeSessionAsync("alice-0f1e", CancellationToken.None);

        Time.Advance(await Time.NextBackoffAsync());
        Time.Advance(await Time.NextBackoffAsync());

        Assert.NotNull(await resume);
        Assert.Equal(3, Stub.Requests.Count);
    }

    [Fact]
    public async Task ResumeSession_ServiceKeepsFailing_GivesUpAfterThreeAttempts()
    {
        Stub.AnswerError(500, "InternalServerError");
        var resume = Service.ResumeSessionAsync("alice-0f1e", CancellationToken.None);

        Time.Advance(await Time.NextBackoffAsync());
        Time.Advance(await Time.NextBackoffAsync());

        Assert.True((await Assert.ThrowsAsync<AwsException>(() => resume)).IsTransient);
        Assert.Equal(3, Stub.Requests.Count);
    }

    [Fact]
    public async Task TerminateSession_Alive_SendsItsId()
    {
        Stub.AnswerJson("""{"SessionId":"alice-0f1e"}""");

        await Service.TerminateSessionAsync("alice-0f1e", CancellationToken.None);

        var request = Assert.Single(Stub.Requests);
        Assert.Equal("AmazonSSM.TerminateSession", request.Target);
        Assert.Equal("""{"SessionId":"alice-0f1e"}""", request.Body);
    }

    [Fact]
    public async Task TerminateSession_OverAlready_IsNoError()
    {
        Stub.AnswerError(400, "DoesNotExistException");

        await Service.TerminateSessionAsync("alice-0f1e", CancellationToken.None);

        Assert.Single(Stub.Requests);
    }

    [Fact]
    public async Task TerminateSession_CanceledBetweenAttempts_EndsAtOnce()
    {
        Stub.AnswerError(500, "InternalServerError");
        using var cancellation = new CancellationTokenSource();
        var terminate = Service.TerminateSessionAsync("alice-0f1e", cancellation.Token);
        await Time.NextBackoffAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => terminate);
        Assert.Single(Stub.Requests);
    }
}
