using System.Text;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Aws.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace RdsTunnel.Aws.Tests;

/// <summary>Whatever stands where AWS should stand: an answer, or an error of ours, within bounds.</summary>
public sealed class HostileAnswersTests(ITestOutputHelper output) : SessionFixture
{
    private const int Mutations = 300;

    /// <summary>What an answer may have, and what is under way between two sockets.</summary>
    private const long TakenLimitBytes = 32 << 20;

    private const string Databases =
        """
        <DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBInstancesResult><DBInstances><DBInstance>
        <DBInstanceIdentifier>orders</DBInstanceIdentifier><DBInstanceArn>arn:aws:rds:eu-west-1:111122223333:db:orders</DBInstanceArn><Engine>postgres</Engine>
        <Endpoint><Address>orders.abc.eu-west-1.rds.amazonaws.com</Address><Port>5432</Port></Endpoint><VpcSecurityGroups><VpcSecurityGroupMembership>
        <VpcSecurityGroupId>sg-1</VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups></DBInstance></DBInstances></DescribeDBInstancesResult>
        <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeDBInstancesResponse>
        """;

    private const string Bomb =
        """
        <?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
        <!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]><DescribeDBInstancesResponse>&g;</DescribeDBInstancesResponse>
        """;

    private IInventory Inventory => Services.InventoryOf(new AwsScope(Region: ServiceStub.Region, EndpointUrl: Stub.Url));

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task Xml_EntityBomb_IsNotExpanded(int status)
    {
        Stub.Answer = context => ServiceStub.WriteAsync(context, status, "text/xml", Bomb);
        await Assert.ThrowsAsync<AwsException>(ListAsync);
    }

    [Fact]
    public async Task Xml_ExternalEntity_IsNotFetched()
    {
        Stub.Answer = context => ServiceStub.WriteAsync(
            context, 200, "text/xml", $"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "{Stub.Url}stolen">]><DescribeDBInstancesResponse>&x;</DescribeDBInstancesResponse>""");
        await Assert.ThrowsAsync<AwsException>(ListAsync);
        Assert.DoesNotContain(Stub.Requests, request => request.HostAndPath.EndsWith("stolen", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text/xml")]
    [InlineData(ServiceStub.JsonType)]
    public async Task Any_NeverEnding_IsCutOff(string contentType)
    {
        await using var server = new EndlessServer(contentType);
        var scope = new AwsScope(Region: ServiceStub.Region, EndpointUrl: server.Url);
        await Assert.ThrowsAsync<AwsException>(() => contentType == "text/xml"
            ? Services.InventoryOf(scope).ListInstancesAsync(["i-1"], CancellationToken.None)
            : Services.For(scope).StartSessionAsync(Request, CancellationToken.None));
        Assert.InRange(server.TakenBytes, 1, TakenLimitBytes * server.Answers);
    }

    [Fact]
    public async Task Xml_NestedVeryDeeply_IsRefused()
    {
        const int depth = 200_000;
        var text = new StringBuilder();
        for (var i = 0; i < depth; i++)
        {
            text.Append("<a>");
        }

        for (var i = 0; i < depth; i++)
        {
            text.Append("</a>");
        }

        Stub.Answer = context => ServiceStub.WriteAsync(context, 200, "text/xml", text.ToString());
        await Assert.ThrowsAsync<AwsException>(ListAsync);
    }

    [Fact]
    public async Task Json_NestedVeryDeeply_IsRefused()
    {
        var nested = new string('[', 1_000_000);
        Stub.AnswerJson($$"""{"SessionId":{{nested}}""");
        await Assert.ThrowsAsync<AwsException>(StartAsync);
    }

    [Theory]
    [InlineData("""{"SessionId":1,"StreamUrl":[],"TokenValue":{}}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("""{"SessionId":"a","StreamUrl":"file:///etc/passwd","TokenValue":"t"}""")]
    [InlineData("""{"SessionId":"a","StreamUrl":"ws://example.com/","TokenValue":"t"}""")]
    public async Task Json_OfWrongTypes_IsRefused(string answer)
    {
        Stub.AnswerJson(answer);
        await Assert.ThrowsAsync<AwsException>(StartAsync);
    }

    [Fact]
    public async Task Xml_MarkerThatGoesRoundInCircles_Ends()
    {
        Stub.Answer = context => ServiceStub.WriteAsync(
            context, 200, "text/xml", "<R><DescribeDBInstancesResult><DBInstances/><Marker>again</Marker></DescribeDBInstancesResult></R>");
        await OrAwsExceptionAsync(ListAsync);
        Assert.InRange(Stub.Requests.Count, 2, 500);
    }

    [Fact]
    public async Task Xml_MutatedAtRandom_IsAnAnswerOrOurError() =>
        await MutateAsync(Encoding.UTF8.GetBytes(Databases), "text/xml", ListAsync);

    [Fact]
    public async Task Json_MutatedAtRandom_IsAnAnswerOrOurError() =>
        await MutateAsync(Encoding.UTF8.GetBytes(Started), ServiceStub.JsonType, StartAsync);

    private async Task MutateAsync(byte[] answer, string contentType, Func<Task> call)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < Mutations; i++)
        {
            var mutated = Mutate(answer, random);
            Stub.Answer = async context =>
            {
                context.Response.ContentType = contentType;
                await context.Response.Body.WriteAsync(mutated);
            };
            await OrAwsExceptionAsync(call);
        }
    }

    private static byte[] Mutate(byte[] answer, Random random)
    {
        var mutated = random.Next(4) == 0 ? answer[..random.Next(answer.Length)] : (byte[])answer.Clone();
        for (var changes = random.Next(1, 6); changes > 0 && mutated.Length > 0; changes--)
        {
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
        }

        return mutated;
    }

    private Task StartAsync() => Service.StartSessionAsync(Request, CancellationToken.None);

    private async Task ListAsync()
    {
        await foreach (var page in Inventory.ListDatabasesAsync("rds:DescribeDBInstances", CancellationToken.None))
        {
            Assert.All(page, database => Assert.InRange(database.Port, 1, 65535));
        }
    }

    private static async Task OrAwsExceptionAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (AwsException)
        {
            // What is allowed beside an answer.
        }
    }
}
