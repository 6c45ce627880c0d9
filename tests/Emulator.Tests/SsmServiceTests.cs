using System.Net;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Tests;

public sealed class SsmServiceTests
{
    [Fact]
    public async Task StartSession_ToRemoteHost_GivesIdUrlAndToken()
    {
        await using var emulator = await EmulatorFixture.StartAsync();

        var (id, streamUrl, token) = await emulator.Aws.StartSessionAsync(5432, "db.internal");

        var session = emulator.Session(id);
        Assert.Equal(new PortSessionProperties("db.internal", 5432, "25432"), session.Properties);
        Assert.Equal(
            $"ws://{emulator.Server.Endpoint.Authority}/v1/data-channel/{id}?role=publish_subscribe&cell-number={session.CellNumber}",
            streamUrl.OriginalString
        );
        Assert.NotEmpty(token);
        Assert.Null(session.EndedWith);
    }

    [Theory]
    [InlineData("Target", "i-unknown", "TargetNotConnected")]
    [InlineData("Target", "i-offline", "TargetNotConnected")]
    [InlineData("Target", "", "ValidationException")]
    [InlineData("DocumentName", "AWS-Unknown", "InvalidDocument")]
    [InlineData("Reason", "", "ValidationException")]
    public async Task StartSession_BadField_IsRefused(string field, string value, string code)
    {
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Instances = [EmulatedInstance.Default, new EmulatedInstance("i-offline", IsOnline: false)] }
        );
        var input = AwsClient.StartSessionInput(5432);
        input[field] = value;

        Assert.Equal(code, await emulator.Aws.ErrorCodeAsync("StartSession", input));
        Assert.Empty(emulator.Server.Sessions);
    }

    [Theory]
    [InlineData("portNumber", """["65536"]""", "InvalidParameters")]
    [InlineData("portNumber", """["1","2"]""", "InvalidParameters")]
    [InlineData("portNumber", "\"5432\"", "SerializationException")]
    [InlineData("portNumber", "[5432]", "SerializationException")]
    [InlineData("host", """["a;b;c"]""", "InvalidParameters")]
    [InlineData("hostname", """["db"]""", "InvalidParameters")]
    public async Task StartSession_BadParameter_IsRefused(string name, string value, string code)
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var input = AwsClient.StartSessionInput(5432);
        input["Parameters"]![name] = JsonNode.Parse(value);

        Assert.Equal(code, await emulator.Aws.ErrorCodeAsync("StartSession", input));
    }

    [Theory]
    [InlineData("StartSession", """{"Target":5}""", "SerializationException")]
    [InlineData(
        "StartSession",
        """{"Target":"i-0123456789abcdef0","DocumentName":"AWS-StartPortForwardingSession","Parameters":[]}""",
        "SerializationException"
    )]
    [InlineData("DescribeInstanceInformation", """{"MaxResults":"many"}""", "ValidationException")]
    [InlineData("DescribeInstanceInformation", """{"NextToken":"x"}""", "InvalidNextToken")]
    [InlineData("DescribeInstanceInformation", """{"Filters":[{"Key":"InstanceIds","Values":[5]}]}""", "SerializationException")]
    [InlineData("DescribeSessions", "{}", "ValidationException")]
    [InlineData("DescribeUnicorns", "{}", "UnknownOperationException")]
    public async Task Call_BadInput_IsRefused(string operation, string input, string code)
    {
        await using var emulator = await EmulatorFixture.StartAsync();

        Assert.Equal(code, await emulator.Aws.ErrorCodeAsync(operation, (JsonObject)JsonNode.Parse(input)!));
    }

    [Fact]
    public async Task StartSession_ToOwnPort_TakesNoHost()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var input = AwsClient.StartSessionInput(5432, host: null);
        input["Parameters"]!["host"] = new JsonArray("db.internal");

        Assert.Equal("InvalidParameters", await emulator.Aws.ErrorCodeAsync("StartSession", input));
        var (id, _, _) = await emulator.Aws.StartSessionAsync(5432, host: null);
        Assert.Null(emulator.Session(id).Properties.Host);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public async Task StartSession_Reason_HasOneTo256CharactersAndIsShown(int length, bool isTaken)
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var input = AwsClient.StartSessionInput(5432);
        var reason = new string('x', length);
        input["Reason"] = reason;

        var (_, answer) = await emulator.Aws.CallAsync("StartSession", input);

        Assert.Equal(isTaken ? null : "ValidationException", (string?)answer["__type"]);
        var sessions = (await emulator.Aws.CallAndExpectAsync("DescribeSessions", new JsonObject { ["State"] = "Active" }))[
            "Sessions"
        ]!.AsArray();
        Assert.Equal(isTaken ? [reason] : [], sessions.Select(session => (string?)session!["Reason"]));
    }

    [Fact]
    public async Task StartSession_WithoutPermission_IsAccessDenied()
    {
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Credentials = [EmulatedCredential.Default with { DeniedActions = ["ssm:StartSession"] }] }
        );

        Assert.Equal("AccessDeniedException", await emulator.Aws.ErrorCodeAsync("StartSession", AwsClient.StartSessionInput(5432)));
    }

    [Fact]
    public async Task ResumeSession_ActiveSession_VoidsTheTokenBefore()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (id, streamUrl, first) = await emulator.Aws.StartSessionAsync(5432);

        var second = await emulator.Aws.CallAndExpectAsync("ResumeSession", new JsonObject { ["SessionId"] = id });

        Assert.NotEqual(first, second["TokenValue"]!.GetValue<string>());
        using var client = await ScriptedPeer.ConnectAsync(streamUrl, first);
        await client.DrainAsync();
        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.PolicyViolation, client.CloseStatus);
    }

    [Fact]
    public async Task ResumeSession_OfUnknownOrEndedSession_SaysSo()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        Assert.Equal(
            "DoesNotExistException",
            await emulator.Aws.ErrorCodeAsync("ResumeSession", new JsonObject { ["SessionId"] = "user-unknown" })
        );

        var (id, _, _) = await emulator.Aws.StartSessionAsync(5432);
        await emulator.Aws.CallAndExpectAsync("TerminateSession", new JsonObject { ["SessionId"] = id });

        var answer = await emulator.Aws.CallAndExpectAsync("ResumeSession", new JsonObject { ["SessionId"] = id });
        Assert.Null(answer["TokenValue"]);
    }

    [Fact]
    public async Task TerminateSession_Twice_SucceedsTwiceAndEndsOnce()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (id, _, _) = await emulator.Aws.StartSessionAsync(5432);

        await emulator.Aws.CallAndExpectAsync("TerminateSession", new JsonObject { ["SessionId"] = id });
        var end = await emulator.Session(id).Ended;
        await emulator.Aws.CallAndExpectAsync("TerminateSession", new JsonObject { ["SessionId"] = id });

        Assert.Equal(SessionEndReason.Terminated, end.Reason);
        Assert.Same(end, emulator.Session(id).EndedWith);
    }

    [Fact]
    public async Task DescribeSessions_ByState_ListsActiveAndHistory()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (ended, _, _) = await emulator.Aws.StartSessionAsync(5432);
        await emulator.Aws.CallAndExpectAsync("TerminateSession", new JsonObject { ["SessionId"] = ended });
        var (active, _, _) = await emulator.Aws.StartSessionAsync(5432);

        Assert.Equal([active], await SessionIdsAsync(emulator, "Active"));
        Assert.Equal([ended], await SessionIdsAsync(emulator, "History"));
    }

    [Fact]
    public async Task DescribeInstanceInformation_FilteredAndPaged_ListsMatchingInstances()
    {
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Instances = [new("i-1"), new("i-2", "3.0.1.0"), new("i-3", IsOnline: false), new("mi-4")] }
        );
        var input = new JsonObject
        {
            ["MaxResults"] = 2,
            ["Filters"] = new JsonArray(new JsonObject { ["Key"] = "PingStatus", ["Values"] = new JsonArray("Online") }),
        };

        var first = await emulator.Aws.CallAndExpectAsync("DescribeInstanceInformation", (JsonObject)input.DeepClone());
        input["NextToken"] = first["NextToken"]!.DeepClone();
        var second = await emulator.Aws.CallAndExpectAsync("DescribeInstanceInformation", input);

        Assert.Equal(["i-1", "i-2"], InstanceIds(first));
        Assert.Equal(["mi-4"], InstanceIds(second));
        Assert.Null(second["NextToken"]);
        Assert.Equal("3.0.1.0", first["InstanceInformationList"]![1]!["AgentVersion"]!.GetValue<string>());
    }

    [Fact]
    public async Task ApiFault_Throttling_FailsSoManyCalls()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        emulator.Server.ApiFaults.Fail("StartSession", "ThrottlingException", times: 2);
        emulator.Server.ApiFaults.Fail("StartSession", "InternalServerError", statusCode: 500);

        Assert.Equal("ThrottlingException", await emulator.Aws.ErrorCodeAsync("StartSession", AwsClient.StartSessionInput(1)));
        Assert.Equal("ThrottlingException", await emulator.Aws.ErrorCodeAsync("StartSession", AwsClient.StartSessionInput(1)));
        var (status, answer) = await emulator.Aws.CallAsync("StartSession", AwsClient.StartSessionInput(1));
        Assert.Equal((HttpStatusCode.InternalServerError, "InternalServerError"), (status, answer["__type"]!.GetValue<string>()));
        await emulator.Aws.StartSessionAsync(1);
    }

    [Fact]
    public async Task ApiFault_LostAnswer_ExecutesAndCutsTheConnection()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        emulator.Server.ApiFaults.LoseAnswer("StartSession");

        await Assert.ThrowsAsync<HttpRequestException>(() => emulator.Aws.StartSessionAsync(1));

        Assert.Single(emulator.Server.Sessions);
    }

    private static async Task<IEnumerable<string>> SessionIdsAsync(EmulatorFixture emulator, string state) =>
        (await emulator.Aws.CallAndExpectAsync("DescribeSessions", new JsonObject { ["State"] = state }))["Sessions"]!
            .AsArray()
            .Select(session => session!["SessionId"]!.GetValue<string>());

    private static IEnumerable<string> InstanceIds(JsonObject answer) =>
        answer["InstanceInformationList"]!.AsArray().Select(instance => instance!["InstanceId"]!.GetValue<string>());
}
