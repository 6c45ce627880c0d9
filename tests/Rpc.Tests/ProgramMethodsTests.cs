using System.Text.Json.Nodes;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc.Tests;

public sealed class ProgramMethodsTests
{
    private const string Postgres = """{"host":"db.example","port":5432}""";
    private const string SignedIn = """{"host":"db.example","port":5432,"login":"iam","user":"app"}""";

    [Fact]
    public async Task Variables_TlsIsNotKnown_AsksTheDatabaseAndTells()
    {
        await using var client = await OpenAsync(Postgres);
        var result = await GetAsync(client, """{"id":"t1","user":"jane","database":"orders"}""");
        Assert.Equal(1, client.Reach.Asked);
        Assert.True((bool?)result["offersTls"]);
        Assert.Equal("postgresql://jane@127.0.0.1:15432/orders?sslmode=verify-ca&sslrootcert=%2Fca.pem", ValueOf(result, "DATABASE_URL"));
        Assert.Equal("jane", ValueOf(result, "PGUSER"));
    }

    [Fact]
    public async Task Variables_TlsIsKnown_AsksNobody()
    {
        await using var client = await OpenAsync(Postgres);
        var result = await GetAsync(client, """{"id":"t1","offersTls":false}""");
        Assert.Equal(0, client.Reach.Asked);
        Assert.False((bool?)result["offersTls"]);
        Assert.Equal("prefer", ValueOf(result, "PGSSLMODE"));
    }

    [Fact]
    public async Task Variables_ThatMustGo_HaveNoValue()
    {
        await using var client = await OpenAsync(SignedIn);
        var result = await GetAsync(client, """{"id":"t1"}""");
        Assert.Null(Variable(result, "PGSERVICE")["value"]);
        Assert.Equal("app", ValueOf(result, "PGUSER"));
    }

    [Fact]
    public async Task Variables_OfATunnelThatSignsIn_AreKnownAtOnce()
    {
        await using var client = await OpenAsync(SignedIn);
        var result = await GetAsync(client, """{"id":"t1"}""");
        Assert.Equal(0, client.Reach.Asked);
        Assert.Null(result["offersTls"]);
        Assert.Equal("postgresql://app@127.0.0.1:15432/?sslmode=disable", ValueOf(result, "DATABASE_URL"));
    }

    [Fact]
    public async Task Variables_OfAKindThatNamesNoTls_AreKnownAtOnce()
    {
        await using var client = await OpenAsync(Postgres);
        var result = await GetAsync(client, """{"id":"t1","kind":"MySql","database":"shop"}""");
        Assert.Equal(0, client.Reach.Asked);
        Assert.Equal("mysql://127.0.0.1:15432/shop", ValueOf(result, "DATABASE_URL"));
    }

    [Fact]
    public async Task Variables_WithWait_WaitForTheDatabase()
    {
        await using var client = await OpenAsync(SignedIn);
        client.Reach.Before = _ => throw new TunnelException(TunnelErrorCode.TargetUnreachable, "db.example does not answer.");
        JsonAssert.IsError(await client.CallAsync(2, "tunnel/variables", """{"id":"t1","wait":true}"""), 3007, "TargetUnreachable");
        Assert.Equal(1, client.Reach.Asked);
    }

    [Fact]
    public async Task Variables_OfAnUnknownTunnel_AreRefused()
    {
        await using var client = await OpenAsync(Postgres);
        JsonAssert.IsError(await client.CallAsync(2, "tunnel/variables", """{"id":"t9"}"""), 1002, "NotFound");
    }

    [Theory]
    [InlineData("""{"id":"t1","database":"a\nb"}""")]
    [InlineData("""{"id":"t1","user":""}""")]
    [InlineData("""{"id":"t1","kind":"Oracle"}""")]
    public async Task Variables_ThatMakeNoSense_AreRefused(string parameters)
    {
        await using var client = await OpenAsync(Postgres);
        JsonAssert.IsError(await client.CallAsync(2, "tunnel/variables", parameters), -32602, "InvalidParams");
        Assert.Equal(0, client.Reach.Asked);
    }

    private static async Task<TestClient> OpenAsync(string tunnel)
    {
        var client = new TestClient();
        await client.InitializeAsync();
        await client.CallAsync(1, "tunnel/open", tunnel);
        return client;
    }

    private static async Task<JsonNode> GetAsync(TestClient client, string parameters) =>
        (await client.CallAsync(2, "tunnel/variables", parameters))["result"]!;

    private static JsonNode Variable(JsonNode result, string name) =>
        result["variables"]!.AsArray().Single(each => (string?)each!["name"] == name)!;

    private static string? ValueOf(JsonNode result, string name) => (string?)Variable(result, name)["value"];
}
