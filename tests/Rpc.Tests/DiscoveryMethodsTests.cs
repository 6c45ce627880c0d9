using RdsTunnel.Aws;

namespace RdsTunnel.Rpc.Tests;

public sealed class DiscoveryMethodsTests
{
    [Fact]
    public async Task ListDatabases_MoreThanFitIntoOneNotification_TellsAllBeforeTheAnswer()
    {
        await using var client = await InitializedAsync();
        await client.SendAsync(1, "database/list", """{"progressToken":"a","scopes":[{"profile":"dev","region":"eu-west-1"}]}""");
        var counts = new List<int>();
        var message = await client.ReadAsync();
        for (; (string?)message["method"] == "$/progress"; message = await client.ReadAsync())
        {
            Assert.Equal("a", (string?)message["params"]!["token"]);
            counts.Add(message["params"]!["value"]!["databases"]!.AsArray().Count);
        }

        Assert.Equal([100, 100, 50, 0], counts);
        JsonAssert.Equal("""{"jsonrpc":"2.0","id":1,"result":{"databases":250,"failures":1}}""", message);
    }

    [Fact]
    public async Task ListDatabases_NoScope_IsRefused()
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(await client.CallAsync(1, "database/list", """{"scopes":[]}"""), -32602, "InvalidParams");
    }

    [Fact]
    public async Task ListJumpHosts_Found_TellsReasons()
    {
        await using var client = await InitializedAsync();
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","id":1,"result":{"jumpHosts":[{"target":"i-1","isUsable":true,"isSuitable":true,"isOnline":true,"tags":[],
             "reasons":[{"criterion":"Online","verdict":"For","message":"agent online"}]}],"failures":[],"recommended":"i-1"}}
            """,
            await client.CallAsync(1, "jumpHost/list", """{"database":{"host":"db.example","port":5432},"scope":{}}""")
        );
    }

    [Fact]
    public async Task ChooseJumpHost_Target_IsRemembered_AndTakenBackWithoutOne()
    {
        await using var client = await InitializedAsync();
        var choice = """{"scope":{"profile":"dev","region":"eu-west-1"},"host":"DB.example.","port":5432""";
        JsonAssert.Equal(
            """{"jsonrpc":"2.0","id":1,"result":null}""",
            await client.CallAsync(1, "jumpHost/choose", $$"""{{choice}},"target":"i-1"}""")
        );
        Assert.Equal("i-1", client.Discovery.Memory.Recall(new AwsScope("dev", "eu-west-1"), "db.example", 5432).Chosen);
        JsonAssert.Equal("""{"jsonrpc":"2.0","id":2,"result":null}""", await client.CallAsync(2, "jumpHost/choose", $$"""{{choice}}}"""));
        Assert.Null(client.Discovery.Memory.Recall(new AwsScope("dev", "eu-west-1"), "db.example", 5432).Chosen);
    }

    [Theory]
    [InlineData("db.example/?x=", 5432, "i-1", "host")]
    [InlineData("db.example", 0, "i-1", "port")]
    [InlineData("db.example", 5432, "", "target")]
    [InlineData("db.example", 5432, "--region", "target")]
    [InlineData("db.example", 5432, "i-1 i-2", "target")]
    public async Task ChooseJumpHost_WhatIsNone_IsRefused(string host, int port, string target, string field)
    {
        await using var client = await InitializedAsync();
        var answer = await client.CallAsync(
            1,
            "jumpHost/choose",
            $$"""{"scope":{},"host":"{{host}}","port":{{port}},"target":"{{target}}"}"""
        );
        JsonAssert.IsError(answer, -32602, "InvalidParams");
        Assert.Equal(field, (string?)answer["error"]!["data"]!["field"]);
    }

    [Theory]
    [InlineData("database/list", """{"scopes":[null]}""", "scopes")]
    [InlineData("database/list", """{"scopes":[{"profile":"dev"},null]}""", "scopes")]
    [InlineData("jumpHost/list", """{"scope":{},"database":{"host":"db","port":1,"securityGroupIds":[null]}}""", "database")]
    [InlineData("jumpHost/list", """{"scope":{},"database":{"host":"db","port":1},"jumpHostTag":""}""", "jumpHostTag")]
    public async Task Request_ListWithNullOrEmptyTag_IsRefused(string method, string parameters, string field)
    {
        await using var client = await InitializedAsync();
        var answer = await client.CallAsync(1, method, parameters);
        JsonAssert.IsError(answer, -32602, "InvalidParams");
        Assert.Equal(field, (string?)answer["error"]!["data"]!["field"]);
    }

    [Theory]
    [InlineData("db.example/?x=", 5432, "host")]
    [InlineData("db.example", 0, "port")]
    public async Task CreateIamToken_AddressThatIsNone_IsRefused(string host, int port, string field)
    {
        await using var client = await InitializedAsync();
        var answer = await client.CallAsync(
            1,
            "password/createIamToken",
            $$"""{"scope":{},"host":"{{host}}","port":{{port}},"user":"jane"}"""
        );
        JsonAssert.IsError(answer, -32602, "InvalidParams");
        Assert.Equal(field, (string?)answer["error"]!["data"]!["field"]);
    }

    [Fact]
    public async Task CreateIamToken_NoRegion_IsTheErrorOfThatName()
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(
            await client.CallAsync(
                1,
                "password/createIamToken",
                """{"scope":{},"host":"db.abc.eu-west-1.rds.amazonaws.com","port":5432,"user":"jane"}"""
            ),
            2004,
            "RegionMissing"
        );
    }

    [Fact]
    public async Task CreateIamToken_HostThatNobodySignsFor_IsAnInvalidRequest()
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(
            await client.CallAsync(1, "password/createIamToken", """{"scope":{},"host":"127.0.0.1","port":15432,"user":"jane"}"""),
            1001,
            "InvalidRequest"
        );
    }

    private static async Task<TestClient> InitializedAsync()
    {
        var client = new TestClient();
        await client.InitializeAsync();
        return client;
    }
}
