using System.Text.Json.Nodes;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>A session with an organization's own document gets the parameters that the document declares, and no others.</summary>
public sealed class SessionDocumentTests : SessionFixture
{
    private const string Host = """ "host": { "type": "String", "allowedPattern": "^[a-z0-9.-]+\\.rds\\.amazonaws\\.com$" } """;
    private const string Port = """ "portNumber": { "type": "String", "allowedValues": ["5432", "3306"] } """;
    private const string ForwardBoth =
        """ "host": "{{ host }}", "portNumber": "{{ portNumber }}", "localPortNumber": "0", "type": "LocalPortForwarding" """;

    private static readonly PortSessionRequest Own = Request with { Document = "Acme-Ports", LocalPort = 15432 };

    [Theory]
    [InlineData($"{Host},{Port}", ForwardBoth, """{"host":["db.example.eu-west-1.rds.amazonaws.com"],"portNumber":["5432"]}""")]
    [InlineData(
        """ "db": { "type": "String" }, "p": { "type": "String", "default": "1" } """,
        """ "host": "{{db}}", "portNumber": "{{ p }}", "type": "LocalPortForwarding" """,
        """{"db":["db.example.eu-west-1.rds.amazonaws.com"],"p":["5432"]}"""
    )]
    [InlineData(
        $"{Port}",
        """ "host": "DB.example.eu-west-1.rds.amazonaws.com.", "portNumber": "{{ portNumber }}", "type": "LocalPortForwarding" """,
        """{"portNumber":["5432"]}"""
    )]
    [InlineData(
        $"{Host}",
        """ "host": "{{ host }}", "portNumber": "5432", "type": "LocalPortForwarding" """,
        """{"host":["db.example.eu-west-1.rds.amazonaws.com"]}"""
    )]
    [InlineData("", """ "host": "db.example.eu-west-1.rds.amazonaws.com", "portNumber": "5432", "type": "LocalPortForwarding" """, "{}")]
    [InlineData(
        $$"""{{Host}},{{Port}}, "localPortNumber": { "type": "String", "default": "0" }, "team": { "type": "String", "default": "x" } """,
        """ "host": "{{ host }}", "portNumber": "{{ portNumber }}", "localPortNumber": "{{ localPortNumber }}", "type": "LocalPortForwarding" """,
        """{"host":["db.example.eu-west-1.rds.amazonaws.com"],"portNumber":["5432"]}"""
    )]
    [InlineData(
        $$"""{{Host}},{{Port}}, "localPortNumber": { "type": "String" } """,
        """ "host": "{{ host }}", "portNumber": "{{ portNumber }}", "localPortNumber": "{{ localPortNumber }}", "type": "LocalPortForwarding" """,
        """{"host":["db.example.eu-west-1.rds.amazonaws.com"],"portNumber":["5432"],"localPortNumber":["15432"]}"""
    )]
    public async Task StartSession_OwnDocument_SendsWhatItDeclares(string parameters, string properties, string sent)
    {
        Stub.AnswerInTurn(ServiceStub.Json(Answer(parameters, properties)), ServiceStub.Json(Started));

        await Service.StartSessionAsync(Own, CancellationToken.None);

        Assert.Equal(["AmazonSSM.GetDocument", "AmazonSSM.StartSession"], Stub.Requests.Select(request => request.Target));
        Assert.Equal("""{"DocumentFormat":"JSON","Name":"Acme-Ports"}""", Stub.Requests[0].Body);
        var start = JsonNode.Parse(Stub.Requests[1].Body)!;
        Assert.Equal("Acme-Ports", (string?)start["DocumentName"]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(sent), start["Parameters"] ?? new JsonObject()), Stub.Requests[1].Body);
    }

    [Theory]
    [InlineData(""" "host": { "type": "String", "allowedPattern": "^orders\\." } """, ForwardBoth, "does not allow the host db.example")]
    [InlineData(
        $$"""{{Host}}, "portNumber": { "type": "String", "allowedValues": ["3306"] } """,
        ForwardBoth,
        "does not allow the port 5432"
    )]
    [InlineData(
        $"{Port}",
        """ "host": "orders.internal", "portNumber": "{{ portNumber }}", "type": "LocalPortForwarding" """,
        "only leads to orders.internal, but the tunnel's host is db.example"
    )]
    [InlineData($"{Port}", """ "portNumber": "{{ portNumber }}", "type": "LocalPortForwarding" """, "only leads to the jump host itself")]
    [InlineData($"{Host}", """ "host": "{{ host }}", "portNumber": "3306", "type": "LocalPortForwarding" """, "only leads to port 3306")]
    [InlineData(
        $$"""{{Host}},{{Port}}, "ticket": { "type": "String" } """,
        ForwardBoth,
        "has required parameters that a tunnel doesn't set (ticket)"
    )]
    [InlineData($"{Host},{Port}", """ "host": "{{ host }}", "portNumber": "{{ portNumber }}" """, "doesn't forward a local port")]
    public async Task StartSession_DocumentLeadsElsewhere_IsRefusedBeforeASessionIsStarted(
        string parameters,
        string properties,
        string said
    )
    {
        Stub.AnswerJson(Answer(parameters, properties));

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Own, CancellationToken.None));

        Assert.Equal(AwsErrorCode.InvalidDocument, e.Code);
        Assert.StartsWith("The session document Acme-Ports ", e.Message, StringComparison.Ordinal);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Equal("AmazonSSM.GetDocument", Assert.Single(Stub.Requests).Target);
    }

    [Theory]
    [InlineData("Command", "Active", """{"schemaVersion":"2.2"}""", "has the type Command")]
    [InlineData(
        "Session",
        "Active",
        """{"schemaVersion":"1.0","sessionType":"Standard_Stream"}""",
        "is for sessions of type Standard_Stream"
    )]
    [InlineData("Session", "Active", """{"schemaVersion":"2.0","sessionType":"Port"}""", "has schema version 2.0")]
    [InlineData("Session", "Active", "{}", "has schema version missing")]
    [InlineData("Session", "Active", "sessionType: Port", "can't be read")]
    [InlineData("Session", "Active", """{"schemaVersion":"1.0","sessionType":"\ud800"}""", "can't be read")]
    [InlineData(
        "Session",
        "Active",
        """{"schemaVersion":"1.0","sessionType":"Port","properties":{"type":"LocalPortForwarding","host":"\ud800"}}""",
        "can't be read"
    )]
    [InlineData(
        "Session",
        "Active",
        """{"schemaVersion":"1.0","sessionType":"Port","properties":{"type":"LocalPortForwarding"},"parameters":{"a":{"allowedValues":["\ud800"]}}}""",
        "can't be read"
    )]
    [InlineData("Session", "Active", "[]", "has schema version missing")]
    [InlineData("Session", "Deleting", "{}", "is not active: its status is Deleting")]
    public async Task StartSession_DocumentOfAnotherKind_SaysWhich(string type, string status, string content, string said)
    {
        Stub.AnswerJson(
            new JsonObject
            {
                ["DocumentType"] = type,
                ["Status"] = status,
                ["Content"] = content,
            }.ToJsonString()
        );

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Own, CancellationToken.None));

        Assert.Equal(AwsErrorCode.InvalidDocument, e.Code);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartSession_DocumentDoesNotExist_NamesIt()
    {
        Stub.AnswerError(400, "InvalidDocument", "Document with name Acme-Ports does not exist.");

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Own, CancellationToken.None));

        Assert.Equal(AwsErrorCode.InvalidDocument, e.Code);
        Assert.Contains("ssm:GetDocument of Acme-Ports: the document does not exist in eu-west-1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartSession_DocumentMayNotBeRead_SendsTheParametersOfAwssOwnAndSaysSoInTheLog()
    {
        Stub.AnswerInTurn(ServiceStub.Error(400, "AccessDeniedException"), ServiceStub.Json(Started));

        await Service.StartSessionAsync(Own, CancellationToken.None);

        Assert.Equal(
            """{"DocumentName":"Acme-Ports","Parameters":{"host":["db.example.eu-west-1.rds.amazonaws.com"],"portNumber":["5432"]},"Reason":"rds-tunnel","Target":"i-0123456789abcdef0"}""",
            Stub.Requests[1].Body
        );
        Assert.Contains(Logs.Lines, line => line.Contains("Acme-Ports can't be read (ssm:GetDocument)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartSession_DocumentMayNotBeReadAndRefusesTheParameters_NamesThePermission()
    {
        Stub.AnswerInTurn(ServiceStub.Error(400, "AccessDeniedException"), ServiceStub.Error(400, "InvalidParameters"));

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Own, CancellationToken.None));

        Assert.Equal(AwsErrorCode.InvalidDocument, e.Code);
        Assert.Contains("Allow ssm:GetDocument on Acme-Ports", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartSession_ASecondTime_ReadsTheDocumentAgainOnlyAfterARefusalOrFiveMinutes()
    {
        var document = ServiceStub.Json(Answer($"{Host},{Port}", ForwardBoth));
        Stub.AnswerInTurn(
            document,
            ServiceStub.Json(Started),
            ServiceStub.Error(400, "InvalidParameters"),
            document,
            ServiceStub.Json(Started)
        );

        await Service.StartSessionAsync(Own, CancellationToken.None);
        await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Own, CancellationToken.None));
        await Service.StartSessionAsync(Own, CancellationToken.None);

        Assert.Equal(
            ["GetDocument", "StartSession", "StartSession", "GetDocument", "StartSession"],
            Stub.Requests.Select(request => request.Target.Split('.')[1])
        );
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(?=.*rds).*$")] // cannot be judged here
    [InlineData("(unclosed")]
    public async Task StartSession_PatternThatCannotBeJudged_IsLeftToTheService(string pattern)
    {
        var parameters = $$""" "host": { "type": "String", "allowedPattern": "{{pattern}}" }, {{Port}} """;
        Stub.AnswerInTurn(ServiceStub.Json(Answer(parameters, ForwardBoth)), ServiceStub.Json(Started));
        var request = Own with { Host = $"{new string('a', 100)}!rds" };

        if (pattern.StartsWith("^(a", StringComparison.Ordinal))
        {
            // Judged, and without running wild.
            Assert.Equal(
                AwsErrorCode.InvalidDocument,
                (await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(request, CancellationToken.None))).Code
            );
            return;
        }

        await Service.StartSessionAsync(request, CancellationToken.None);
        Assert.Equal(2, Stub.Requests.Count);
    }

    [Theory]
    [InlineData("AWS-StartPortForwardingSessionToRemoteHost")]
    [InlineData("AWS-StartPortForwardingSession")]
    public async Task StartSession_AwssOwnDocumentByName_IsNotRead(string name)
    {
        Stub.AnswerJson(Started);

        await Service.StartSessionAsync(
            Own with
            {
                Document = name,
                Host = name.EndsWith("Host", StringComparison.Ordinal) ? "db" : null,
            },
            CancellationToken.None
        );

        Assert.Equal("AmazonSSM.StartSession", Assert.Single(Stub.Requests).Target);
    }

    [Fact]
    public async Task StartSession_FixedHost_IsToldInTheLog()
    {
        Stub.AnswerInTurn(
            ServiceStub.Json(
                Answer(Port, """ "host": "orders.internal", "portNumber": "{{ portNumber }}", "type": "LocalPortForwarding" """)
            ),
            ServiceStub.Json(Started)
        );

        await Service.StartSessionAsync(Own with { Host = null }, CancellationToken.None);

        Assert.Contains(Logs.Lines, line => line.Contains("Acme-Ports always leads to the host orders.internal", StringComparison.Ordinal));
    }

    private static string Answer(string parameters, string properties) =>
        new JsonObject
        {
            ["Name"] = "Acme-Ports",
            ["DocumentType"] = "Session",
            ["DocumentFormat"] = "JSON",
            ["Status"] = "Active",
            ["DocumentVersion"] = "3",
            ["Content"] =
                $$"""{"schemaVersion":"1.0","sessionType":"Port","parameters":{ {{parameters}} },"properties":{ {{properties}} } }""",
        }.ToJsonString();
}
