using RdsTunnel.Aws;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>What a valid request for a tunnel is, whoever sends it.</summary>
public sealed class TunnelRulesTests
{
    private static readonly TunnelRequest Valid = new() { Host = "db", Port = 5432 };

    public static TheoryData<string, TunnelRequest> Refused =>
        new()
        {
            { "host", Valid with { Host = null } },
            { "target", Valid with { Host = " LOCALHOST. " } },
            { "host", Valid with { Host = "" } },
            { "host", Valid with { Host = "two words" } },
            { "host", Valid with { Host = "db/x" } },
            { "host", Valid with { Host = "db\u0007" } },
            { "host", Valid with { Host = $"{new string('a', 63)}.{new string('b', 63)}.{new string('c', 63)}.{new string('d', 63)}" } },
            { "port", Valid with { Port = 0 } },
            { "port", Valid with { Port = 65_536 } },
            { "localPort", Valid with { LocalPort = -1 } },
            { "target", Valid with { Target = "" } },
            { "target", Valid with { Target = "i 1" } },
            { "target", Valid with { Target = "i-1\n" } },
            { "name", Valid with { Name = " " } },
            { "name", Valid with { Name = new string('n', 257) } },
            { "profile", Valid with { Scope = new AwsScope("\n") } },
            { "region", Valid with { Scope = new AwsScope(Region: "eu-central-1\n") } },
            { "region", Valid with { Scope = new AwsScope(Region: "eu_central") } },
            { "endpointUrl", Valid with { Scope = new AwsScope(EndpointUrl: new Uri("ftp://host")) } },
            { "endpointUrl", Valid with { Scope = new AwsScope(EndpointUrl: new Uri("http://jane:hunter2@host")) } },
            { "document", Valid with { Document = "ab" } },
            { "document", Valid with { Document = "Acme-Ports:3" } },
            { "document", Valid with { Document = "Acme-Ports\n" } },
            { "document", Valid with { Document = "arn:aws:ssm:eu-central-1:111122223333:session/x" } },
            { "reason", Valid with { Reason = "${nobody}" } },
            { "login", Valid with { Login = "magic" } },
            { "login", Valid with { Login = "tls\n" } },
            { "login", Valid with { Login = "tls", Port = 1433 } },
            { "host", Valid with { Login = "tls", Host = null, Target = "i-1" } },
            { "user", Valid with { Login = "iam" } },
            { "user", Valid with { Login = "tls", User = "app" } },
            { "user", Valid with { User = "app" } },
            { "user", Valid with { Login = "iam", User = "a\0b" } },
            { "secretId", Valid with { Login = "secret" } },
            { "secretId", Valid with { Login = "iam", User = "app", SecretId = "x" } },
            { "secretId", Valid with { SecretId = "x" } },
            { "compress", Valid with { Compress = true } },
            { "compress", Valid with { Compress = true, Login = "tls", Port = 5432 } },
            { "localTls", Valid with { LocalTls = true } },
            { "localTls", Valid with { Login = "tls", LocalTls = true } },
            { "localTls", Valid with { Login = "iam", User = "app", LocalTls = true, Port = 6379 } },
            { "localPassword", Valid with { LocalPassword = true, LocalPasswordText = "correct-horse-battery" } },
            { "localPassword", Valid with { Login = "tls", LocalPassword = true, LocalPasswordText = "correct-horse-battery" } },
            { "localPasswordText", Valid with { Login = "iam", User = "app", LocalPassword = true } },
            { "localPasswordText", Valid with { Login = "iam", User = "app", LocalPasswordText = "correct-horse-battery" } },
            { "localPasswordText", Valid with { Login = "iam", User = "app", LocalPassword = true, LocalPasswordText = "too-short" } },
            {
                "localPasswordText",
                Valid with
                {
                    Login = "iam",
                    User = "app",
                    LocalPassword = true,
                    LocalPasswordText = "correct horse battery",
                }
            },
            {
                "localPasswordText",
                Valid with
                {
                    Login = "iam",
                    User = "app",
                    LocalPassword = true,
                    LocalPasswordText = "correct-horse-bättery",
                }
            },
            { "jumpHostTag", Valid with { JumpHostTag = "" } },
            { "maxSessions", Valid with { MaxSessions = 0 } },
            { "maxSessions", Valid with { MaxSessions = 17 } },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void ProblemOf_WrongField_NamesIt(string field, TunnelRequest request)
    {
        Assert.Equal(field, TunnelRules.ProblemOf(request)?.Field);
        var failure = Assert.Throws<TunnelException>(() => TunnelRules.Require(request));
        Assert.Equal(TunnelErrorCode.InvalidRequest, failure.Code);
        Assert.StartsWith($"The tunnel's {field} ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", failure.Message, StringComparison.Ordinal);
    }

    public static TheoryData<TunnelRequest> Taken =>
        new()
        {
            Valid,
            Valid with
            {
                Host = " db.example.com. ",
            },
            Valid with
            {
                Host = "[fd00::5]",
            },
            Valid with
            {
                Host = "10.0.0.5",
            },
            Valid with
            {
                Host = "my_db.internal",
            },
            Valid with
            {
                Host = "localhost",
                Target = "i-1",
            },
            Valid with
            {
                Host = null,
                Target = "ecs:cluster_task_runtime",
            },
            Valid with
            {
                Name = "Orders, München",
                LocalPort = 65_535,
                Port = 1,
                MaxSessions = 16,
                Reason = "a $ b ${user}",
            },
            Valid with
            {
                Document = "arn:aws-cn:ssm:cn-north-1:111122223333:document/x",
            },
            Valid with
            {
                Scope = new AwsScope("my profile", "us-gov-west-1", new Uri("http://127.0.0.1:4566")),
            },
        };

    [Theory]
    [MemberData(nameof(Taken))]
    public void ProblemOf_ValidRequest_IsNull(TunnelRequest request) => Assert.Null(TunnelRules.ProblemOf(request));
}
