using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Aws.Endpoints;
using RdsTunnel.Aws.Inventory;
using Xunit;

namespace RdsTunnel.Aws.Tests.AwsCli;

/// <summary>IAM tokens of ElastiCache and MemoryDB: the AWS CLI's own signer makes the same of the same keys at the same time.</summary>
public sealed class CacheTokenTests
{
    private const string AccessKey = "AKIAIOSFODNN7EXAMPLE",
        SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static readonly DateTimeOffset Now = new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);

    [AwsCliTheory]
    [InlineData("master.sessions.abc123.euw1.cache.amazonaws.com", "eu-west-1", "sessions", false, "elasticache", "app", null)]
    [InlineData(
        "clustercfg.sessions.abc123.euw1.cache.amazonaws.com",
        "eu-west-1",
        "sessions",
        false,
        "elasticache",
        "App+1/x=@é",
        "token/+="
    )]
    [InlineData(
        "my-pages-abc123.serverless.use1.cache.amazonaws.com",
        "us-east-1",
        "my-pages",
        true,
        "elasticache",
        "app-user",
        "IQoJb3JpZ2luX2Vj//8="
    )]
    [InlineData("carts-0001-001.carts.abc123.memorydb.us-east-1.amazonaws.com", "us-east-1", "carts", false, "memorydb", "app", null)]
    public void Create_ForACache_IsWhatTheAwsClisLibrarySigns(
        string host,
        string region,
        string name,
        bool serverless,
        string service,
        string user,
        string? sessionToken
    )
    {
        var endpoint = DatabaseEndpoint.Of(host)!;
        var ours = DatabaseToken.Create(
            new ImmutableCredentials(AccessKey, SecretKey, sessionToken),
            endpoint.Service,
            region,
            host,
            6379,
            user,
            endpoint.Cache,
            new FakeTimeProvider(Now)
        );
        var theirs = AwsCliLibrary
            .Ask(
                "tokens.py",
                [
                    new JsonObject
                    {
                        ["name"] = name,
                        ["user"] = user,
                        ["serverless"] = serverless,
                        ["service"] = service,
                        ["region"] = region,
                        ["accessKey"] = AccessKey,
                        ["secretKey"] = SecretKey,
                        ["sessionToken"] = sessionToken,
                        ["date"] = Now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture),
                    },
                ]
            )
            .Single()
            .GetValue<string>();
        Assert.Equal(Parts(theirs), Parts(ours.Token));
        Assert.Equal(Now.AddMinutes(15), ours.ExpiresAt);
    }

    // The order of the parameters is free.
    private static IEnumerable<string> Parts(string token) => token.Split('?', '&').Order(StringComparer.Ordinal);
}
