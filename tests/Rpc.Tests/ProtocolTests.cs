using System.IO.Pipelines;
using System.IO.Pipes;
using Microsoft.Extensions.Logging.Abstractions;
using Nerdbank.Streams;

namespace RdsTunnel.Rpc.Tests;

public sealed class ProtocolTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("-9007199254740993")]
    [InlineData("9223372036854775807")]
    [InlineData("\"a string \\u20ac\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    public async Task Request_IdOfAnyAllowedKind_ComesBackAsItWas(string id)
    {
        await using var client = new TestClient(Target());
        await client.SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"ok"}""");
        JsonAssert.Equal($$"""{"jsonrpc":"2.0","id":{{id}},"result":null}""", await client.ReadAsync());
    }

    [Theory]
    [InlineData("{", -32700, "ParseError")]
    [InlineData("", -32700, "ParseError")]
    [InlineData("{} {}", -32700, "ParseError")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"method":"ok"}""", -32700, "ParseError")]
    [InlineData("""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"\udbff":1,"id":1}}""", -32700, "ParseError")]
    [InlineData("[]", -32600, "InvalidRequest")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ok"}]""", -32600, "InvalidRequest")]
    [InlineData("1", -32600, "InvalidRequest")]
    [InlineData("null", -32600, "InvalidRequest")]
    [InlineData("{}", -32600, "InvalidRequest")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"ok"}""", -32600, "InvalidRequest")]
    [InlineData("""{"jsonrpc":"2.0","id":true,"method":"ok"}""", -32600, "InvalidRequest")]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"ok"}""", -32600, "InvalidRequest")]
    [InlineData("""{"jsonrpc":"2.0","id":9223372036854775808,"method":"ok"}""", -32600, "InvalidRequest")]
    [InlineData("""{"jsonrpc":"2.0","id":"\ud800","method":"ok"}""", -32600, "InvalidRequest")]
    public async Task Message_ThatIsNoRequest_IsRefusedWithoutAnId(string message, int code, string name)
    {
        await using var client = new TestClient(Target());
        await client.SendAsync(message);
        var answer = await client.ReadAsync();
        JsonAssert.IsError(answer, code, name);
        Assert.True(answer.AsObject().ContainsKey("id"));
        Assert.Null(answer["id"]);
    }

    [Theory]
    [InlineData("""{"id":7,"method":"ok"}""")]
    [InlineData("""{"jsonrpc":"1.0","id":7,"method":"ok"}""")]
    [InlineData("""{"jsonrpc":2.0,"id":7,"method":"ok"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"\udc00"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"ok","params":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"ok","params":[{},{}]}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"ok","params":["a"]}""")]
    public async Task Request_ThatIsInvalid_IsRefusedWithItsId(string message)
    {
        await using var client = new TestClient(Target());
        await client.SendAsync(message);
        var answer = await client.ReadAsync();
        JsonAssert.IsError(answer, -32600, "InvalidRequest");
        Assert.Equal(7, (int)answer["id"]!);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"ok","\ud800":1}""")]
    [InlineData("""{"\uDC00":1,"jsonrpc":"2.0","id":7,"method":"ok"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"named","params":{"\ud800":"x","id":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"named","params":[{"id":[{"\ud800":1}]}]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"named","params":{"id":1,"id":2},"id":7}""")]
    public async Task Request_ThatCannotBeParsed_IsRefusedWithItsId(string message)
    {
        await using var client = new TestClient(Target());
        await client.SendAsync(message);
        var answer = await client.ReadAsync();
        JsonAssert.IsError(answer, -32700, "ParseError");
        Assert.Equal(7, (int)answer["id"]!);
    }

    [Fact]
    public async Task Request_NestedTooDeeply_IsRefusedWithItsId()
    {
        await using var client = new TestClient(Target());
        await client.SendAsync(
            """{"jsonrpc":"2.0","id":7,"method":"ok","params":{"a":""" + new string('[', 100) + new string(']', 100) + "}}"
        );
        Assert.Equal(7, (int)(await client.ReadAsync())["id"]!);
    }

    [Fact]
    public async Task Message_NotUtf8_IsAParseError()
    {
        await using var client = new TestClient(Target());
        await client.SendBytesAsync((byte[])[.. "Content-Length: 3\r\n\r\n"u8, (byte)'"', 0xFF, (byte)'"']);
        JsonAssert.IsError(await client.ReadAsync(), -32700, "ParseError");
    }

    [Fact]
    public async Task Message_NestedDeeply_IsAParseError()
    {
        await using var client = new TestClient(Target());
        await client.SendAsync(new string('[', 500_000));
        JsonAssert.IsError(await client.ReadAsync(), -32700, "ParseError");
    }

    [Theory]
    [InlineData("""{"id":"t1"}""")]
    [InlineData("""[{"id":"t1"}]""")]
    public async Task Request_ParamsByNameOrPosition_ReachTheMethod(string sent)
    {
        var target = Target();
        await using var client = new TestClient(target);
        await client.CallAsync(1, "named", sent);
        Assert.Equal([new TunnelParams("t1")], target.Params);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task Request_NoParamsInAnySpelling_ReachesAMethodThatNeedsNone(string sent)
    {
        await using var client = new TestClient(Target());
        Assert.Null((await client.CallAsync(1, "ok", sent))["error"]);
        JsonAssert.IsError(await client.CallAsync(2, "named", sent), -32602, "InvalidParams");
    }

    [Fact]
    public async Task Request_MethodIsCancelledThoughTheClientDidNot_IsAnInternalError()
    {
        await using var client = new TestClient(new FakeTarget((_, _) => throw new TaskCanceledException("secret")));
        JsonAssert.IsError(await client.CallAsync(1, "m"), -32603, "InternalError");
    }

    [Fact]
    public async Task Request_ToCancelRequest_TellsNothingOfTheLibrary()
    {
        await using var client = new TestClient(Target());
        var answer = await client.CallAsync(1, "$/cancelRequest", "{}");
        JsonAssert.IsError(answer, -32602, "InvalidParams");
        Assert.DoesNotContain("StreamJsonRpc", answer.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_MethodThrowsUnexpectedly_IsAnInternalErrorThatTellsNoDetails()
    {
        await using var client = new TestClient(new FakeTarget((_, _) => throw new InvalidOperationException("secret")));
        var answer = await client.CallAsync(1, "m");
        JsonAssert.IsError(answer, -32603, "InternalError");
        Assert.DoesNotContain("secret", answer.ToJsonString(), StringComparison.Ordinal);
        JsonAssert.IsError(await client.CallAsync(2, "m"), -32603, "InternalError");
    }

    [Fact]
    public async Task Response_ToNothingThatWasAsked_IsIgnored()
    {
        await using var client = new TestClient(Target());
        await client.SendAsync("""{"jsonrpc":"2.0","id":3,"result":null}""");
        await client.SendAsync("""{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}""");
        Assert.Equal(4, (int)(await client.CallAsync(4, "ok"))["id"]!);
    }

    [Fact]
    public async Task Notification_Unknown_IsNotAnswered()
    {
        await using var client = new TestClient(Target());
        await client.NotifyAsync("$/setTrace", "{}");
        await client.NotifyAsync("ok", "{}");
        Assert.Equal(4, (int)(await client.CallAsync(4, "ok"))["id"]!);
    }

    [Fact]
    public async Task Exit_Notified_EndsTheConnectionAndCancelsWhatRuns()
    {
        await using var client = new TestClient(Target());
        await client.SendAsync(1, "wait");
        await client.NotifyAsync("exit", "{}");
        JsonAssert.IsError(await client.ReadAsync(), -32800, "RequestCancelled");
        Assert.Equal(ConnectionEnd.Exit, await client.EndAsync());
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("\"a\"", "\"a\"")]
    public async Task CancelRequest_OfARunningRequest_EndsItAsCancelled(string id, string cancelledId)
    {
        await using var client = new TestClient(Target());
        await client.SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"wait"}""");
        await client.NotifyAsync("$/cancelRequest", $$"""{"id":{{cancelledId}}}""");
        JsonAssert.IsError(await client.ReadAsync(), -32800, "RequestCancelled");
    }

    [Theory]
    [InlineData("""{"id":99}""")]
    [InlineData("""{"id":"1"}""")]
    [InlineData("""{"id":{}}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    public async Task CancelRequest_OfNothingThatRuns_IsIgnored(string parameters)
    {
        await using var client = new TestClient(Target());
        await client.SendAsync(1, "wait");
        await client.NotifyAsync("$/cancelRequest", parameters);
        Assert.Equal(2, (int)(await client.CallAsync(2, "ok"))["id"]!);
    }

    [Fact]
    public async Task Requests_SlowAndQuick_AreAnsweredAsTheyFinish()
    {
        var release = new TaskCompletionSource();
        await using var client = new TestClient(new FakeTarget((method, _) => method == "slow" ? release.Task : Task.CompletedTask));
        await client.SendAsync(1, "slow");
        Assert.Equal(2, (int)(await client.CallAsync(2, "quick"))["id"]!);
        release.SetResult();
        Assert.Equal(1, (int)(await client.ReadAsync())["id"]!);
    }

    [Fact]
    public async Task Request_IdOfARunningOne_IsRefused()
    {
        await using var client = new TestClient(Target());
        await client.SendAsync(1, "wait");
        JsonAssert.IsError(await client.CallAsync(1, "ok"), -32600, "InvalidRequest");
    }

    [Fact]
    public async Task Request_IdUsedAgainAfterItsAnswer_IsAnswered()
    {
        await using var client = new TestClient(Target());
        for (var i = 0; i < 500; i++)
        {
            Assert.Null((await client.CallAsync(1, "ok"))["error"]);
        }
    }

    [Fact]
    public async Task Requests_MoreThanMayRun_AreRefusedUntilOneEnds()
    {
        await using var client = new TestClient(Target());
        for (var id = 1; id <= JsonRpcConnection.MaxConcurrentRequests; id++)
        {
            await client.SendAsync(id, "wait");
        }

        JsonAssert.IsError(await client.CallAsync(1000, "ok"), -32020, "ServerBusy");
        await client.NotifyAsync("$/cancelRequest", """{"id":5}""");
        JsonAssert.IsError(await client.ReadAsync(), -32800, "RequestCancelled");
        Assert.Null((await client.CallAsync(1001, "ok"))["error"]);
    }

    [Fact]
    public async Task Output_NotRead_HoldsBackTheReader()
    {
        var invoked = 0;
        var target = new FakeTarget(
            (_, _) =>
            {
                Interlocked.Increment(ref invoked);
                return Task.CompletedTask;
            }
        );
        await using var client = new TestClient(target, toClient: new(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        const int Requests = 10_000;
        for (var id = 0; id < Requests; id++)
        {
            await client.SendAsync(id, "m");
        }

        // Then the client reads everything: each request has exactly one answer, and no more ran than may while it did not read.
        Assert.InRange(Volatile.Read(ref invoked), 0, JsonRpcConnection.MaxConcurrentRequests + 1);
        var answers = new HashSet<int>();
        for (var id = 0; id < Requests; id++)
        {
            answers.Add((int)(await client.ReadAsync())["id"]!);
        }

        Assert.Equal(Requests, answers.Count);
    }

    [Fact]
    public async Task Output_Closed_EndsTheConnection()
    {
        await using var client = new TestClient(Target());
        await client.CloseOutputAsync();
        await client.SendAsync(1, "ok");
        Assert.Equal(ConnectionEnd.OutputClosed, await client.EndAsync());
    }

    [Fact]
    public async Task Output_FailsUnderAnAnswer_EndsTheConnection()
    {
        using var output = new AnonymousPipeServerStream(PipeDirection.Out);
        output.ClientSafePipeHandle.Dispose(); // nobody reads it
        var input = new Pipe();
        var connection = new JsonRpcConnection(
            new DuplexPipe(input.Reader, PipeWriter.Create(output)),
            TimeProvider.System,
            NullLogger<JsonRpcConnection>.Instance
        );
        var running = connection.RunAsync(Target(), CancellationToken.None);
        await input.Writer.WriteAsync(TestClient.Frame("""{"jsonrpc":"2.0","id":1,"method":"ok"}"""));
        Assert.Equal(ConnectionEnd.OutputClosed, await running.WaitAsync(TestClient.Patience));
    }

    [Fact]
    public async Task Requests_ManyAtOnceFromManyThreads_AreEachAnsweredOnce()
    {
        await using var client = new TestClient(new FakeTarget(async (_, _) => await Task.Yield()));
        var bytes = new List<byte>();
        for (var id = 1; id <= 2000; id++)
        {
            bytes.AddRange(TestClient.Frame($$"""{"jsonrpc":"2.0","id":{{id}},"method":"m"}"""));
        }

        var sending = client.SendBytesAsync(bytes.ToArray());
        var ids = new HashSet<int>();
        while (ids.Count < 2000)
        {
            Assert.True(ids.Add((int)(await client.ReadAsync())["id"]!));
        }

        await sending;
    }

    [Fact]
    public async Task Notify_WhileAnswersAreWritten_NeverMixesBytes()
    {
        await using var client = new TestClient(Target());
        var notifying = Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                client.Connection.Notify("k", 1000, new RpcNotification<TunnelParams>("n"), new TunnelParams(new string('x', i)));
            }
        });
        for (var id = 1; id <= 50; id++)
        {
            await client.SendAsync(id, "ok");
        }

        for (var i = 0; i < 550; i++)
        {
            await client.ReadAsync(); // asserts each header, parses each content
        }

        await notifying;
    }

    private static FakeTarget Target() =>
        new(
            (method, cancellationToken) =>
                method == "wait" ? new TaskCompletionSource().Task.WaitAsync(cancellationToken) : Task.CompletedTask
        );
}
