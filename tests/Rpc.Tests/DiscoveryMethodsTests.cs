namespace RdsTunnel.Rpc.Tests;

public sealed class DiscoveryMethodsTests
{
    [Fact]
    public async Task ListDatabases_MoreThanFitIntoOneNotification_TellsAllBeforeTheAnswer()
    {
        await using var client = await InitializedAsync();
        await client.SendAsync(1, "database/list", """{"token":"a","scopes":[{"profile":"dev","region":"eu-west-1"}]}""");
        var counts = new List<int>();
        var message = await client.ReadAsync();
        for (; (string?)message["method"] == "database/found"; message = await client.ReadAsync())
        {
            Assert.Equal("a", (string?)message["params"]!["token"]);
            counts.Add(message["params"]!["databases"]!.AsArray().Count);
        }

        Assert.Equal([100, 100, 50, 0], counts);
        JsonAssert.Equal("""{"jsonrpc":"2.0","id":1,"result":{"databases":250,"failures":1}}""", message);
    }

    [Fact]
    public async Task ListDatabases_NoScope_IsRefused()
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(await client.CallAsync(1, "database/list", """{"token":"a","scopes":[]}"""), -32602, "InvalidParams");
    }

    [Fact]
    public async Task ListJumpHosts_Found_TellsReasons()
    {
        await using var client = await InitializedAsync();
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","id":1,"result":{"jumpHosts":[{"target":"i-1","isUsable":true,"isOnline":true,"tags":[],
             "reasons":[{"criterion":"Online","verdict":"For","message":"its agent is online"}]}],"failures":[],"recommended":"i-1"}}
            """,
            await client.CallAsync(1, "jumpHost/list", """{"database":{"host":"db.example","port":5432},"scope":{}}"""));
    }

    [Theory]
    [InlineData("db.example/?x=", 5432, "host")]
    [InlineData("db.example", 0, "port")]
    public async Task CreateIamToken_AddressThatIsNone_IsRefused(string host, int port, string field)
    {
        await using var client = await InitializedAsync();
        var answer = await client.CallAsync(1, "password/createIamToken", $$"""{"scope":{},"host":"{{host}}","port":{{port}},"user":"jane"}""");
        JsonAssert.IsError(answer, -32602, "InvalidParams");
        Assert.Equal(field, (string?)answer["error"]!["data"]!["field"]);
    }

    [Fact]
    public async Task CreateIamToken_NoRegion_IsTheErrorOfThatName()
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(
            await client.CallAsync(1, "password/createIamToken", """{"scope":{},"host":"db.example","port":5432,"user":"jane"}"""), 2004, "RegionMissing");
    }

    private static async Task<TestClient> InitializedAsync()
    {
        var client = new TestClient();
        await client.InitializeAsync();
        return client;
    }
}
