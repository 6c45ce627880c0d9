using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc.Tests;

public sealed class ServerTests
{
    private const string Initialize = """{"clientInfo":{"name":"test","version":"0"},"protocolVersion":2}""";
    private const string Open = """{"target":"i-1","host":"db","port":5432}""";

    [Fact]
    public async Task Initialize_First_TellsWhoIsThere()
    {
        await using var client = new TestClient();
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","id":1,"result":{"serverInfo":{"name":"rds-tunnel","version":"1.2.3"},"protocolVersion":2,
             "capabilities":{"maxMessageBytes":1048576,"maxConcurrentRequests":64}}}
            """,
            await client.CallAsync(1, "initialize", Initialize)
        );
    }

    [Fact]
    public async Task Initialize_WithOptions_AppliesThemAndToleratesUnknownOnes()
    {
        await using var client = new TestClient();
        var answer = await client.CallAsync(
            1,
            "initialize",
            """
            {"clientInfo":{"name":"test","version":"0"},"protocolVersion":2,"logLevel":"Debug","parentProcessId":42,"later":{}}
            """
        );
        Assert.Null(answer["error"]);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Debug, client.LogLevel.Level);
        Assert.Equal([42], client.Parents);
    }

    [Fact]
    public async Task Initialize_OtherProtocolVersion_IsRefusedAndCanBeTriedAgain()
    {
        await using var client = new TestClient();
        var answer = await client.CallAsync(1, "initialize", """{"clientInfo":{"name":"test","version":"0"},"protocolVersion":1}""");
        JsonAssert.IsError(answer, -32021, "ProtocolVersionMismatch");
        await client.InitializeAsync();
    }

    [Fact]
    public async Task Initialize_ParentThatIsNotRunning_IsRefused()
    {
        await using var tunnels = new FakeTunnels();
        var server = new SidecarServer(
            tunnels,
            new FakeSignIn().Methods(),
            new FakeDiscovery().Methods(),
            new FakeCheck().Methods(),
            new FakeReach().Methods(tunnels),
            new(FakeAgentTools.Instance),
            "1",
            new(default),
            _ => throw new ArgumentException("none"),
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<SidecarServer>.Instance
        );
        await using var client = new TestClient(server);
        var answer = await client.CallAsync(
            1,
            "initialize",
            Initialize
                .Replace("}}", "},\"parentProcessId\":1}", StringComparison.Ordinal)
                .Replace("\"protocolVersion\":2}", "\"protocolVersion\":2,\"parentProcessId\":1}", StringComparison.Ordinal)
        );
        JsonAssert.IsError(answer, -32602, "InvalidParams");
        Assert.Equal("parentProcessId", (string)answer["error"]!["data"]!["field"]!);
    }

    [Fact]
    public async Task Initialize_Twice_IsRefused()
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(await client.CallAsync(1, "initialize", Initialize), -32600, "InvalidRequest");
    }

    [Theory]
    [InlineData("tunnel/list")]
    [InlineData("shutdown")]
    [InlineData("nonsense")]
    public async Task Request_BeforeInitialize_IsRefused(string method)
    {
        await using var client = new TestClient();
        JsonAssert.IsError(await client.CallAsync(1, method), -32002, "ServerNotInitialized");
    }

    [Fact]
    public async Task Request_SentTogetherWithInitialize_IsAnswered()
    {
        await using var client = new TestClient();
        await client.SendAsync(1, "initialize", Initialize);
        await client.SendAsync(2, "tunnel/list");
        Assert.Null((await client.ReadAsync())["error"]);
        JsonAssert.Equal("""{"jsonrpc":"2.0","id":2,"result":{"tunnels":[]}}""", await client.ReadAsync());
    }

    [Fact]
    public async Task Request_UnknownMethod_IsNotFound()
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(await client.CallAsync(1, "tunnel/nonsense"), -32601, "MethodNotFound");
        JsonAssert.IsError(await client.CallAsync(2, "$/nonsense"), -32601, "MethodNotFound");
    }

    [Fact]
    public async Task OpenTunnel_LeastParams_OpensWithDefaults()
    {
        await using var client = await InitializedAsync();
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","id":1,"result":{"id":"t1","name":"db:5432","target":"i-1","host":"db","port":5432,"localPort":15432,"maxSessions":4,
             "state":"Listening","statistics":{"connectionsNow":0,"connectionsTotal":0,"bytesUp":0,"bytesDown":0,"retransmissions":0,"resumes":0,
             "sessionsNow":0,"sessionsTotal":0}}}
            """,
            await client.CallAsync(1, "tunnel/open", Open)
        );
        var request = Assert.Single(client.Tunnels.Requests);
        Assert.Equal(
            new TunnelRequest
            {
                Target = "i-1",
                Host = "db",
                Port = 5432,
            },
            request
        );
    }

    [Fact]
    public async Task OpenTunnel_AllParams_AreMirrored()
    {
        await using var client = await InitializedAsync();
        var answer = await client.CallAsync(
            1,
            "tunnel/open",
            """
            {"name":"Orders","target":"i-1","host":"db","port":5432,"localPort":6000,"profile":"dev","region":"eu-central-1",
             "endpointUrl":"http://127.0.0.1:4566","openNow":true,"maxSessions":2,"reason":"${name}","document":"Acme-Ports"}
            """
        );
        Assert.Equal("Orders", (string)answer["result"]!["name"]!);
        Assert.Equal("http://127.0.0.1:4566", (string)answer["result"]!["endpointUrl"]!);
        Assert.Equal(
            new TunnelRequest
            {
                Name = "Orders",
                Target = "i-1",
                Host = "db",
                Port = 5432,
                LocalPort = 6000,
                Scope = new("dev", "eu-central-1", new Uri("http://127.0.0.1:4566")),
                OpenNow = true,
                MaxSessions = 2,
                Reason = "${name}",
                Document = "Acme-Ports",
            },
            Assert.Single(client.Tunnels.Requests)
        );
    }

    [Theory]
    [InlineData("""{"port":1}""", "host")]
    [InlineData("""{"target":null,"port":1}""", "host")]
    [InlineData("""{"target":"i-1"}""", "port")]
    [InlineData("""{"target":1,"port":1}""", "target")]
    [InlineData("""{"target":"","port":1}""", "target")]
    [InlineData("""{"target":"i 1","port":1}""", "target")]
    [InlineData("""{"target":"i-1","port":"5432"}""", "port")]
    [InlineData("""{"target":"i-1","port":5432.5}""", "port")]
    [InlineData("""{"target":"i-1","port":0}""", "port")]
    [InlineData("""{"target":"i-1","port":65536}""", "port")]
    [InlineData("""{"target":"i-1","port":99999999999}""", "port")]
    [InlineData("""{"target":"i-1","port":1,"host":""}""", "host")]
    [InlineData("""{"target":"i-1","port":1,"host":"a\nb"}""", "host")]
    [InlineData("""{"target":"i-1","port":1,"host":"\ud800"}""", "host")]
    [InlineData("""{"target":"i-1","port":1,"localPort":-1}""", "localPort")]
    [InlineData("""{"target":"i-1","port":1,"region":"eu central"}""", "region")]
    [InlineData("""{"target":"i-1","port":1,"region":"evil.example.com/"}""", "region")]
    [InlineData("""{"target":"i-1","port":1,"profile":" "}""", "profile")]
    [InlineData("""{"target":"i-1","port":1,"endpointUrl":"localhost"}""", "endpointUrl")]
    [InlineData("""{"target":"i-1","port":1,"endpointUrl":"ftp://localhost"}""", "endpointUrl")]
    [InlineData("""{"target":"i-1","port":1,"endpointUrl":"http://a:b@localhost"}""", "endpointUrl")]
    [InlineData("""{"target":"i-1","port":1,"maxSessions":0}""", "maxSessions")]
    [InlineData("""{"target":"i-1","port":1,"maxSessions":17}""", "maxSessions")]
    [InlineData("""{"target":"i-1","port":1,"openNow":1}""", "openNow")]
    [InlineData("""{"target":"i-1","port":1,"reason":" "}""", "reason")]
    [InlineData("""{"target":"i-1","port":1,"document":""}""", "document")]
    [InlineData("""{"target":"i-1","port":1,"document":"ab"}""", "document")]
    [InlineData("""{"target":"i-1","port":1,"document":"two words"}""", "document")]
    [InlineData("""{"target":"i-1","port":1,"document":"Acme-Ports:3"}""", "document")]
    [InlineData("""{"target":"i-1","port":1,"document":"arn:aws:ssm:eu-central-1:111122223333:session/x"}""", "document")]
    [InlineData("""{"target":"i-1","port":1,"reason":"for ${nobody}"}""", "reason")]
    [InlineData("""{"target":"i-1","port":1,"reason":"for ${name"}""", "reason")]
    [InlineData("""{"host":"localhost","port":1}""", "target")]
    [InlineData("""{"host":" 0x7f.1 ","port":1}""", "target")]
    [InlineData("""{"host":"db/x","port":1}""", "host")]
    [InlineData("""{"host":"db","port":1,"jumpHostTag":" "}""", "jumpHostTag")]
    public async Task OpenTunnel_WrongField_IsNamed(string parameters, string field)
    {
        await using var client = await InitializedAsync();
        var answer = await client.CallAsync(1, "tunnel/open", parameters);
        JsonAssert.IsError(answer, -32602, "InvalidParams");
        Assert.Equal(field, (string?)answer["error"]!["data"]!["field"]);
        Assert.StartsWith(field, (string)answer["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Empty(client.Tunnels.Requests);
    }

    [Fact]
    public async Task OpenTunnel_JumpHostWasSelected_SaysWhichAndWhy()
    {
        await using var client = await InitializedAsync();
        client.Tunnels.JumpHost = new("i-2", "bastion", ["same VPC", "agent online"]);

        var tunnel = (await client.CallAsync(1, "tunnel/open", """{"host":"db","port":5432}"""))["result"]!;

        Assert.Equal(("i-2", "bastion"), ((string)tunnel["target"]!, (string)tunnel["jumpHostName"]!));
        Assert.Equal(["same VPC", "agent online"], tunnel["jumpHostReasons"]!.AsArray().Select(reason => (string)reason!));
    }

    [Fact]
    public async Task Shutdown_WhileAsManyRequestsRunAsMay_IsTaken()
    {
        await using var client = await InitializedAsync();
        client.Tunnels.Before = cancellationToken => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        for (var id = 1; id <= JsonRpcConnection.MaxConcurrentRequests; id++)
        {
            await client.SendAsync(id, "tunnel/open", Open);
        }

        JsonAssert.IsError(await client.CallAsync(1000, "tunnel/list"), -32020, "ServerBusy");
        var answer = await client.CallAsync(1001, "shutdown");
        Assert.Null(answer["error"]);
        Assert.True(client.Tunnels.IsDisposed);
    }

    [Theory]
    [InlineData("LOCALHOST.", null)]
    [InlineData(" ::1\t", null)]
    [InlineData("[::ffff:127.0.0.1]", null)]
    [InlineData(" db.internal ", "db.internal")]
    [InlineData("[fd00::5]", "fd00::5")]
    public async Task OpenTunnel_Host_IsReadAsPeopleMeanIt(string host, string? expected)
    {
        await using var client = await InitializedAsync();

        await client.CallAsync(
            1,
            "tunnel/open",
            new System.Text.Json.Nodes.JsonObject
            {
                ["target"] = "i-1",
                ["port"] = 1,
                ["host"] = host,
            }.ToJsonString()
        );

        Assert.Equal(expected, Assert.Single(client.Tunnels.Requests).Host);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("""{"target":"i-1","port":1,"localport":1}""")]
    public async Task OpenTunnel_MissingOrMisspeltParams_AreRefused(string? parameters)
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(await client.CallAsync(1, "tunnel/open", parameters), -32602, "InvalidParams");
    }

    public static TheoryData<TunnelErrorCode> TunnelErrors => new(Enum.GetValues<TunnelErrorCode>());

    [Theory]
    [MemberData(nameof(TunnelErrors))]
    public async Task OpenTunnel_TunnelError_KeepsItsCodeAndMessage(TunnelErrorCode code)
    {
        await using var client = await InitializedAsync();
        client.Tunnels.Before = _ => throw new TunnelException(code, "What failed, and what to do.");
        var answer = await client.CallAsync(1, "tunnel/open", Open);
        JsonAssert.IsError(answer, TunnelErrorNumbers.Of(code), code.ToString());
        Assert.Equal("What failed, and what to do.", (string)answer["error"]!["message"]!);
    }

    [Fact]
    public void TunnelErrors_All_HaveNumbersOfTheirOwn()
    {
        var numbers = Enum.GetValues<TunnelErrorCode>()
            .Select(TunnelErrorNumbers.Of)
            .Concat(Enum.GetValues<RpcErrorCode>().Select(c => (int)c))
            .ToArray();
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
    }

    [Fact]
    public async Task OpenTunnel_Cancelled_IsCancelledInside()
    {
        await using var client = await InitializedAsync();
        client.Tunnels.Before = token => new TaskCompletionSource().Task.WaitAsync(token);
        await client.SendAsync(1, "tunnel/open", Open);
        await client.NotifyAsync("$/cancelRequest", """{"id":1}""");
        JsonAssert.IsError(await client.ReadAsync(), -32800, "RequestCancelled");
        Assert.Empty(client.Tunnels.Requests);
    }

    [Fact]
    public async Task WarmUpTunnel_OpenOne_OpensItsSession()
    {
        await using var client = await InitializedAsync();
        await client.CallAsync(1, "tunnel/open", Open);
        JsonAssert.Equal("""{"jsonrpc":"2.0","id":2,"result":null}""", await client.CallAsync(2, "tunnel/warmUp", """{"id":"t1"}"""));
        Assert.Equal(["t1"], client.Tunnels.WarmedUp);
    }

    [Fact]
    public async Task CloseTunnel_OpenOne_IsGoneFromTheList()
    {
        await using var client = await InitializedAsync();
        await client.CallAsync(1, "tunnel/open", Open);
        Assert.Single((await client.CallAsync(2, "tunnel/list"))["result"]!["tunnels"]!.AsArray());
        JsonAssert.Equal("""{"jsonrpc":"2.0","id":3,"result":null}""", await client.CallAsync(3, "tunnel/close", """{"id":"t1"}"""));
        Assert.Empty((await client.CallAsync(4, "tunnel/list"))["result"]!["tunnels"]!.AsArray());
        JsonAssert.IsError(await client.CallAsync(5, "tunnel/close", """{"id":"t1"}"""), 1002, "NotFound");
    }

    [Fact]
    public async Task SetLogLevel_ByName_AppliesIt()
    {
        await using var client = await InitializedAsync();
        Assert.Null((await client.CallAsync(1, "log/setLevel", """{"level":"Trace"}"""))["error"]);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Trace, client.LogLevel.Level);
        JsonAssert.IsError(await client.CallAsync(2, "log/setLevel", """{"level":2}"""), -32602, "InvalidParams");
        JsonAssert.IsError(await client.CallAsync(3, "log/setLevel", """{"level":"Loud"}"""), -32602, "InvalidParams");
    }

    [Fact]
    public async Task Shutdown_WithTunnels_AnswersAfterTheyAreClosed()
    {
        await using var client = await InitializedAsync();
        var closed = new TaskCompletionSource();
        client.Tunnels.BeforeDispose = () => closed.Task;
        await client.SendAsync(1, "shutdown");
        JsonAssert.IsError(await client.CallAsync(2, "tunnel/list"), -32600, "InvalidRequest");
        Assert.False(client.Tunnels.IsDisposed);
        closed.SetResult();
        JsonAssert.Equal("""{"jsonrpc":"2.0","id":1,"result":{"tunnelsOfOthers":0}}""", await client.ReadAsync());
        Assert.True(client.Tunnels.IsDisposed);
        await client.NotifyAsync("exit", "{}");
        Assert.Equal(ConnectionEnd.Exit, await client.EndAsync());
    }

    private static async Task<TestClient> InitializedAsync()
    {
        var client = new TestClient();
        await client.InitializeAsync();
        return client;
    }
}
