using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Aws;

namespace RdsTunnel.Rpc.Tests;

public sealed class MfaRequestsTests
{
    private const string Serial = "arn:aws:iam::111122223333:mfa/jane";

    [Fact]
    public async Task Ask_PersonAnswers_GivesTheCode()
    {
        await using var client = await InitializedAsync();
        var (asked, request) = await AskAsync(client);
        Assert.Equal("mfa/askCode", (string?)request["method"]);
        JsonAssert.Equal($$"""{"profile":"dev","serialNumber":"{{Serial}}"}""", request["params"]);
        await client.SendAsync(Answer(request, "\"result\":{\"code\":\"123456\"}"));
        Assert.Equal("123456", await asked.WaitAsync(TestClient.Patience));
    }

    [Theory]
    [InlineData("\"result\":{}")]
    [InlineData("\"result\":{\"code\":null}")]
    [InlineData("\"result\":{\"code\":7}")]
    [InlineData("\"result\":null")]
    [InlineData("\"error\":{\"code\":-32601,\"message\":\"s3cret\"}")]
    [InlineData("\"error\":{\"code\":-32800,\"message\":\"cancelled\"}")]
    [InlineData("\"error\":{\"code\":\"x\",\"message\":{},\"data\":[]}")]
    [InlineData("\"error\":1")]
    public async Task Ask_NoCodeComes_IsAFailureThatASignInMends(string answer)
    {
        await using var client = await InitializedAsync();
        var (asked, request) = await AskAsync(client);
        await client.SendAsync(Answer(request, answer));
        var failure = await Assert.ThrowsAsync<AwsException>(() => asked.WaitAsync(TestClient.Patience));
        Assert.True(failure.NeedsSignIn);
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
        Assert.Null((await client.CallAsync(1, "tunnel/list"))["error"]);
    }

    [Fact]
    public async Task Ask_NobodyAnswersInTime_TakesTheQuestionBack()
    {
        var time = new FakeTimeProvider();
        await using var client = await InitializedAsync(time);
        var (asked, request) = await AskAsync(client, time);
        time.Advance(MfaRequests.AnswerTime);
        Assert.True((await Assert.ThrowsAsync<AwsException>(() => asked.WaitAsync(TestClient.Patience))).NeedsSignIn);
        var cancelled = await client.ReadAsync();
        Assert.Equal("$/cancelRequest", (string?)cancelled["method"]);
        Assert.Equal((int)request["id"]!, (int)cancelled["params"]!["id"]!);

        // The answer comes too late, and nothing breaks.
        await client.SendAsync(Answer(request, "\"result\":{\"code\":\"123456\"}"));
        Assert.Null((await client.CallAsync(1, "tunnel/list"))["error"]);
    }

    [Fact]
    public async Task Ask_TheSameAnswerTwice_TheSecondIsIgnored()
    {
        await using var client = await InitializedAsync();
        var (asked, request) = await AskAsync(client);
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(Answer(request, "\"result\":{\"code\":\"123456\"}"));
        }

        Assert.Equal("123456", await asked.WaitAsync(TestClient.Patience));
        Assert.Null((await client.CallAsync(1, "tunnel/list"))["error"]);
    }

    [Fact]
    public async Task Ask_ClientIsGone_Fails()
    {
        await using var client = await InitializedAsync();
        var (asked, _) = await AskAsync(client);
        await client.CloseInputAsync();
        Assert.True((await Assert.ThrowsAsync<AwsException>(() => asked.WaitAsync(TestClient.Patience))).NeedsSignIn);
    }

    private static string Answer(JsonNode request, string member) => $$"""{"jsonrpc":"2.0","id":{{request["id"]}},{{member}} }""";

    private static async Task<(Task<string> Asked, JsonNode Request)> AskAsync(TestClient client, TimeProvider? time = null)
    {
        var asked = new MfaRequests(() => client.Connection, time ?? TimeProvider.System).AskAsync("dev", Serial, CancellationToken.None);
        return (asked, await client.ReadAsync());
    }

    private static async Task<TestClient> InitializedAsync(TimeProvider? time = null)
    {
        var client = new TestClient(time: time);
        await client.InitializeAsync();
        return client;
    }
}
