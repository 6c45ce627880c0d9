using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class ThrottlingTests : SessionFixture
{
    [Fact]
    public async Task StartSession_Throttled_WaitsTwiceAsLongEachTimeWithJitterAndTriesAgain()
    {
        Stub.AnswerInTurn(
            ServiceStub.Error(400, "ThrottlingException"),
            ServiceStub.Error(400, "ThrottlingException"),
            ServiceStub.Json(Started)
        );
        var start = Service.StartSessionAsync(Request, CancellationToken.None);

        foreach (var longest in new[] { 400, 800 })
        {
            var wait = await Time.NextBackoffAsync();
            Assert.InRange(wait.TotalMilliseconds, longest / 2.0, longest);
            Time.Advance(wait);
        }

        Assert.Equal("alice-0f1e", (await start).SessionId);
        Assert.Equal(3, Stub.Requests.Count);
        Assert.All(Stub.Requests, request => Assert.True(request.IsSignatureValid));
    }

    [Fact]
    public async Task StartSession_AlwaysThrottled_GivesUpAfterFiveAttempts()
    {
        Stub.AnswerError(400, "ThrottlingException", "Rate exceeded");
        var start = Service.StartSessionAsync(Request, CancellationToken.None);

        for (var retry = 0; retry < 4; retry++)
        {
            Time.Advance(await Time.NextBackoffAsync());
        }

        var e = await Assert.ThrowsAsync<AwsException>(() => start);
        Assert.Equal(AwsErrorCode.Throttled, e.Code);
        Assert.True(e.IsTransient);
        Assert.Equal(5, Stub.Requests.Count);
    }

    [Fact]
    public async Task StartSession_CanceledWhileItWaits_EndsAtOnce()
    {
        Stub.AnswerError(400, "ThrottlingException");
        using var cancellation = new CancellationTokenSource();
        var start = Service.StartSessionAsync(Request, cancellation.Token);
        await Time.NextBackoffAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.Single(Stub.Requests);
    }
}
