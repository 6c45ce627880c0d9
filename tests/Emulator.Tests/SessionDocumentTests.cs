using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Tests;

/// <summary>Documents of the world, with real AWS's errors.</summary>
public sealed class SessionDocumentTests
{
    /// <summary>For which the tests' requests are signed.</summary>
    private const string Region = "us-east-1";

    private const string Content = """
        {"schemaVersion":"1.0","sessionType":"Port",
         "parameters":{"db":{"type":"String","allowedPattern":"^[a-z.]+$"},"port":{"type":"String","default":"5432","allowedValues":["5432","3306"]}},
         "properties":{"host":"{{ db }}","portNumber":"{{port}}","localPortNumber":"0","type":"LocalPortForwarding"}}
        """;

    [Theory]
    [InlineData("""{"db":["orders.internal"]}""", "orders.internal", 5432)]
    [InlineData("""{"db":["orders.internal"],"port":["3306"]}""", "orders.internal", 3306)]
    public async Task StartSession_OwnDocument_MakesItsPropertiesOfItsParameters(string parameters, string host, int port)
    {
        await using var emulator = await StartAsync(new EmulatedDocument("Acme-Ports") { Content = Parse(Content) });

        var answer = await emulator.Aws.CallAndExpectAsync("StartSession", Input("Acme-Ports", parameters));

        Assert.Equal(new PortSessionProperties(host, port, "0"), emulator.Session((string)answer["SessionId"]!).Properties);
    }

    [Theory]
    [InlineData("{}", "Parameter \"db\" requires a value.")]
    [InlineData("""{"db":["UPPER"]}""", "Parameter \"db\" has value \"UPPER\" not matching \"^[a-z.]+$\".")]
    [InlineData("""{"db":["orders"],"port":["1"]}""", "Parameter \"port\" has value \"1\" not in [\"5432\",\"3306\"].")]
    [InlineData("""{"host":["orders"]}""", "Parameter \"host\" is not defined in the document Acme-Ports.")]
    public async Task StartSession_ParametersThatItDoesNotTake_AreInvalid(string parameters, string message)
    {
        await using var emulator = await StartAsync(new EmulatedDocument("Acme-Ports") { Content = Parse(Content) });

        var (_, answer) = await emulator.Aws.CallAsync("StartSession", Input("Acme-Ports", parameters));

        Assert.Equal(("InvalidParameters", message), ((string)answer["__type"]!, (string)answer["message"]!));
        Assert.Empty(emulator.Server.Sessions);
    }

    [Fact]
    public async Task Document_AllowedToSomebodyElse_IsDeniedByItsArn()
    {
        await using var emulator = await StartAsync(
            new EmulatedDocument("Acme-Ports")
            {
                Content = Parse(Content),
                StartedBy = ["arn:aws:iam::111122223333:user/other"],
                ReadBy = ["arn:aws:iam::111122223333:user/*"],
            },
            new EmulatedDocument("AWS-StartPortForwardingSession") { StartedBy = [] }
        );

        var (_, own) = await emulator.Aws.CallAsync("StartSession", Input("Acme-Ports", "{}"));
        var (_, aws) = await emulator.Aws.CallAsync("StartSession", Input("AWS-StartPortForwardingSession", "{}"));

        Assert.Equal("AccessDeniedException", (string?)own["__type"]);
        Assert.Equal(
            $"User: {EmulatedCredential.Default.Arn} is not authorized to perform: ssm:StartSession on resource: arn:aws:ssm:{Region}:111122223333:document/Acme-Ports "
                + "because no identity-based policy allows the ssm:StartSession action",
            (string?)own["message"]
        );
        Assert.Contains(
            $"arn:aws:ssm:{Region}::document/AWS-StartPortForwardingSession ",
            (string?)aws["message"],
            StringComparison.Ordinal
        );
        await emulator.Aws.CallAndExpectAsync("GetDocument", new JsonObject { ["Name"] = "Acme-Ports" });
    }

    [Fact]
    public async Task GetDocument_GivesItsContent_AndDescribeDocumentItsParameters()
    {
        await using var emulator = await StartAsync(new EmulatedDocument("Acme-Ports") { Content = Parse(Content) });

        var got = await emulator.Aws.CallAndExpectAsync(
            "GetDocument",
            new JsonObject { ["Name"] = "arn:aws:ssm:eu-central-1:111122223333:document/Acme-Ports" }
        );
        var described = (await emulator.Aws.CallAndExpectAsync("DescribeDocument", new JsonObject { ["Name"] = "Acme-Ports" }))[
            "Document"
        ]!;

        Assert.Equal(
            ("Session", "Active", "1", "JSON"),
            ((string?)got["DocumentType"], (string?)got["Status"], (string?)got["DocumentVersion"], (string?)got["DocumentFormat"])
        );
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Content), JsonNode.Parse((string)got["Content"]!)));
        Assert.Equal(
            """[{"Name":"db","Type":"String"},{"Name":"port","Type":"String","DefaultValue":"5432"}]""",
            described["Parameters"]!.ToJsonString()
        );
        Assert.Equal(("1.0", "111122223333"), ((string?)described["SchemaVersion"], (string?)described["Owner"]));
    }

    [Theory]
    [InlineData("GetDocument", """{"Name":"Unknown-Ports"}""", "InvalidDocument")]
    [InlineData("GetDocument", """{"Name":"Acme-Ports","DocumentVersion":"7"}""", "InvalidDocumentVersion")]
    [InlineData("GetDocument", "{}", "ValidationException")]
    [InlineData("DescribeDocument", """{"Name":"Unknown-Ports"}""", "InvalidDocument")]
    [InlineData("StartSession", """{"Target":"i-0123456789abcdef0","DocumentName":"Unknown-Ports"}""", "InvalidDocument")]
    [InlineData("StartSession", """{"Target":"i-0123456789abcdef0","DocumentName":"Acme-Command"}""", "InvalidDocument")]
    public async Task Document_ThatCannotBeHad_IsRefused(string operation, string input, string code)
    {
        await using var emulator = await StartAsync(
            new EmulatedDocument("Acme-Ports") { Content = Parse(Content) },
            new EmulatedDocument("Acme-Command") { Type = "Command", Content = Parse("""{"schemaVersion":"2.2"}""") }
        );

        Assert.Equal(code, await emulator.Aws.ErrorCodeAsync(operation, (JsonObject)JsonNode.Parse(input)!));
    }

    private static Task<EmulatorFixture> StartAsync(params EmulatedDocument[] documents) =>
        EmulatorFixture.StartAsync(new EmulatorOptions { Documents = documents });

    private static JsonObject Input(string document, string parameters) =>
        new()
        {
            ["Target"] = EmulatedInstance.Default.InstanceId,
            ["DocumentName"] = document,
            ["Parameters"] = JsonNode.Parse(parameters),
        };

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement.Clone();
}
