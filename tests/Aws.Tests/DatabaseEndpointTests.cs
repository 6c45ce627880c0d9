using System.Text.Json;
using RdsTunnel.Aws.Endpoints;
using RdsTunnel.Aws.Inventory;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>What names say. The extension's tests read the same file.</summary>
public sealed class DatabaseEndpointTests
{
    private static readonly JsonElement Vectors = JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "endpoints.json")))
        .RootElement;

    public static TheoryData<string, DatabaseEndpoint> Endpoints =>
        Each(
            "endpoints",
            endpoint =>
                (
                    endpoint.GetProperty("host").GetString()!,
                    new DatabaseEndpoint(
                        Enum.Parse<DatabaseService>(Field(endpoint, "service")!),
                        Field(endpoint, "partition")!,
                        Field(endpoint, "region"),
                        Field(endpoint, "engine")
                    )
                )
        );

    public static TheoryData<string> Others => [.. Vectors.GetProperty("others").EnumerateArray().Select(host => host.GetString()!)];

    [Theory]
    [MemberData(nameof(Endpoints))]
    public void Of_ANameOfAws_TellsWhatItSays(string host, DatabaseEndpoint expected) =>
        Assert.Equal(expected, DatabaseEndpoint.Of(host)! with { Cache = null });

    [Theory]
    [InlineData("sessions.abc123.0001.use1.cache.amazonaws.com")]
    [InlineData("sessions.abc123.ng.0001.use1.cache.amazonaws.com")]
    [InlineData("sessions.abc123.clustercfg.use1.cache.amazonaws.com.example")]
    [InlineData("pages.abc123.cfg.use1.cache.amazonaws.com")]
    [InlineData("pages.serverless.use1.cache.amazonaws.com")]
    [InlineData("orders.cluster-abc123.eu-west-1.rds.amazonaws.com")]
    public void Cache_OfANameWithoutTls_IsNotKnown(string host) => Assert.Null(DatabaseEndpoint.Of(host)?.Cache);

    [Theory]
    [MemberData(nameof(Others))]
    public void Of_AnyOtherName_IsNull(string host) => Assert.Null(DatabaseEndpoint.Of(host));

    private static TheoryData<string, DatabaseEndpoint> Each(string list, Func<JsonElement, (string Host, DatabaseEndpoint Endpoint)> read)
    {
        var data = new TheoryData<string, DatabaseEndpoint>();
        foreach (var (host, endpoint) in Vectors.GetProperty(list).EnumerateArray().Select(read))
        {
            data.Add(host, endpoint);
        }

        return data;
    }

    private static string? Field(JsonElement endpoint, string name) =>
        endpoint.TryGetProperty(name, out var value) ? value.GetString() : null;
}
