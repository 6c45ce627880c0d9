using System.Net;
using System.Net.Sockets;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>A session that starts twice costs the account twice and shows up twice in its history: better an error than that.</summary>
public sealed class SentOnceTests : SessionFixture
{
    [Theory]
    [InlineData(500, "InternalServerError")]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(503, "ThrottlingException")]
    [InlineData(400, "TargetNotConnected")]
    public async Task StartSession_AnsweredWithAnError_IsSentOnce(int status, string code)
    {
        Stub.AnswerError(status, code);

        await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Single(Stub.Requests);
    }

    [Fact]
    public async Task StartSession_ConnectionResetAfterTheRequest_IsSentOnce()
    {
        Stub.Answer = ServiceStub.Reset;

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        Assert.Single(Stub.Requests);
    }

    [Fact]
    public async Task StartSession_ReusedConnectionResetAfterTheRequest_IsSentOnce()
    {
        Stub.AnswerInTurn(ServiceStub.Json(Started), ServiceStub.Reset);
        await Service.StartSessionAsync(Request, CancellationToken.None);

        await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Equal(2, Stub.Requests.Count);
    }

    [Fact]
    public async Task StartSession_ConnectionResetBeforeTheRequestIsRead_ConnectsOnce()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connections = 0;
        var accepting = Task.Run(async () =>
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync();
                connections++;
                socket.LingerState = new LingerOption(true, 0);
            }
        });
        var service = Services.For(new AwsScope(null, ServiceStub.Region, new Uri($"http://{listener.LocalEndpoint}")));

        var e = await Assert.ThrowsAsync<AwsException>(() => service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        Assert.Equal(1, connections);
        listener.Stop();
        await Assert.ThrowsAnyAsync<SocketException>(() => accepting);
    }

    [Fact]
    public async Task StartSession_NeverAnswered_IsUnreachableAfterTenSecondsAndSentOnce()
    {
        var arrived = new TaskCompletionSource();
        Stub.Answer = context =>
        {
            var aborted = new TaskCompletionSource();
            context.RequestAborted.Register(aborted.SetResult);
            arrived.SetResult();
            return aborted.Task;
        };
        var start = Service.StartSessionAsync(Request, CancellationToken.None);
        await arrived.Task;

        Time.Advance(TimeSpan.FromSeconds(10));

        var e = await Assert.ThrowsAsync<AwsException>(() => start);
        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        Assert.Contains("10 s", e.Message, StringComparison.Ordinal);
        Assert.Single(Stub.Requests);
    }

    [Fact]
    public async Task StartSession_AnswerStopsInTheMiddle_IsUnreachableAfterTenSecondsAndSentOnce()
    {
        var begun = new TaskCompletionSource();
        Stub.Answer = async context =>
        {
            var aborted = new TaskCompletionSource();
            context.RequestAborted.Register(aborted.SetResult);
            context.Response.ContentType = ServiceStub.JsonType;
            context.Response.ContentLength = 1000;
            await context.Response.Body.WriteAsync("{"u8.ToArray());
            await context.Response.Body.FlushAsync();
            begun.SetResult();
            await aborted.Task;
        };
        var start = Service.StartSessionAsync(Request, CancellationToken.None);
        await begun.Task;

        Time.Advance(TimeSpan.FromSeconds(10));

        var e = await Assert.ThrowsAsync<AwsException>(() => start);
        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        Assert.Single(Stub.Requests);
    }
}
