namespace RdsTunnel.Rpc.Tests;

public sealed class CheckMethodsTests
{
    private const string Steps =
        """{"name":"Connection","outcome":"Passed","message":"db.example answers."},{"name":"Certificate","outcome":"Failed","message":"It has expired.","advice":"Rotate it."}""";

    [Fact]
    public async Task Check_WithProgressToken_TellsEachStepAndThenAll()
    {
        await using var client = await InitializedAsync();
        await client.SendAsync(1, "tunnel/check", """{"progressToken":"a","tunnel":{"host":"db.example","port":5432}}""");
        Assert.Equal("Connection", (string?)(await client.ReadAsync())["params"]!["value"]!["name"]);
        Assert.Equal("Certificate", (string?)(await client.ReadAsync())["params"]!["value"]!["name"]);
        JsonAssert.Equal($$$"""{"jsonrpc":"2.0","id":1,"result":{"steps":[{{{Steps}}}]}}""", await client.ReadAsync());
    }

    [Fact]
    public async Task Check_WithoutProgressToken_TellsTheResultAlone()
    {
        await using var client = await InitializedAsync();
        JsonAssert.Equal(
            $$$"""{"jsonrpc":"2.0","id":1,"result":{"steps":[{{{Steps}}}]}}""",
            await client.CallAsync(1, "tunnel/check", """{"tunnel":{"host":"db.example","port":5432}}""")
        );
    }

    [Fact]
    public async Task Check_TunnelThatMakesNoSense_IsRefused()
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(await client.CallAsync(1, "tunnel/check", """{"tunnel":{"port":5432}}"""), -32602, "InvalidParams");
    }

    private static async Task<TestClient> InitializedAsync()
    {
        var client = new TestClient();
        await client.InitializeAsync();
        return client;
    }
}
