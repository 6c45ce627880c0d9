using System.Text;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Aws.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace RdsTunnel.Aws.Tests;

/// <summary>Whatever stands where AWS should stand: an answer, or an error of ours, within bounds.</summary>
public sealed class HostileAnswersTests(ITestOutputHelper output) : SessionFixture
{
    /// <summary>Mutated answers: so many servers, so many each.</summary>
    private const int Servers = 50,
        Mutations = 6;

    /// <summary>What an answer may have, and what is under way between two sockets.</summary>
    private const long TakenLimitBytes = 32 << 20;

    private const string Databases = """
        <DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBInstancesResult><DBInstances><DBInstance>
        <DBInstanceIdentifier>orders</DBInstanceIdentifier><DBInstanceArn>arn:aws:rds:eu-west-1:111122223333:db:orders</DBInstanceArn><Engine>postgres</Engine>
        <Endpoint><Address>orders.abc.eu-west-1.rds.amazonaws.com</Address><Port>5432</Port></Endpoint><VpcSecurityGroups><VpcSecurityGroupMembership>
        <VpcSecurityGroupId>sg-1</VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups></DBInstance></DBInstances></DescribeDBInstancesResult>
        <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeDBInstancesResponse>
        """;

    private const string Bomb = """
        <?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
        <!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]><DescribeDBInstancesResponse>&g;</DescribeDBInstancesResponse>
        """;

    private const string Groups = """
        <?xml version="1.0" encoding="UTF-8"?>
        <DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><securityGroupInfo><item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId>
        <ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>5432</fromPort><toPort>5432</toPort><groups><item><groupId>sg-2</groupId></item></groups>
        <ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges><ipv6Ranges/><prefixListIds/></item></ipPermissions></item></securityGroupInfo></DescribeSecurityGroupsResponse>
        """;

    private const string Nodes =
        """{"InstanceInformationList":[{"InstanceId":"i-1","PingStatus":"Online","AgentVersion":"3.3.40.0","LastPingDateTime":1.7E9}]}""";

    private IInventory Inventory => InventoryAt(Stub.Url);

    /// <summary>RDS is read by us, EC2 and STS by the SDK.</summary>
    private static readonly string[] Xml = ["rds", "ec2", "sts"];

    public static TheoryData<string> XmlServices => new(Xml);

    public static TheoryData<string, string, int> Costly
    {
        get
        {
            (string Name, string Text)[] answers =
            [
                ("entity bomb", Bomb),
                ("deep", string.Concat(Enumerable.Repeat("<a>", 200_000)) + string.Concat(Enumerable.Repeat("</a>", 200_000))),
                (
                    "long name around many",
                    $"<{new string('a', 1 << 20)}>{string.Concat(Enumerable.Repeat("<b></b>", 400_000))}</{new string('a', 1 << 20)}>"
                ),
                ("long names inside of one another", Nested(60, 200, string.Concat(Enumerable.Repeat("<b></b>", 400_000)))),
                ("many attributes", Nested(60, 200, $"<b {string.Join(' ', Enumerable.Range(0, 200_000).Select(i => $"a{i}=''"))}/>")),
            ];
            var data = new TheoryData<string, string, int>();
            foreach (
                var (service, status, answer) in from service in Xml
                from status in (int[])[200, 400]
                from answer in answers
                select (service, status, answer.Text)
            )
            {
                data.Add(service, answer, status);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Costly), DisableDiscoveryEnumeration = true)]
    public async Task Xml_ThatCostsMoreThanItsSize_IsRefusedUnread(string service, string answer, int status)
    {
        Stub.Answer = context => ServiceStub.WriteAsync(context, status, "text/xml", answer);

        var e = await Assert.ThrowsAsync<AwsException>(() => CallAsync(service));

        // Before it comes to a reader, some of which would take hours.
        Assert.Contains("returned a response that isn't from AWS", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(XmlServices))]
    public async Task Xml_UnderAnotherContentType_IsBoundedTheSame(string service)
    {
        Stub.Answer = context =>
            ServiceStub.WriteAsync(context, 200, ServiceStub.JsonType, "\uFEFF" + string.Concat(Enumerable.Repeat("<a>", 2_000_000)));
        await Assert.ThrowsAsync<AwsException>(() => CallAsync(service));
    }

    [Theory]
    [MemberData(nameof(XmlServices))]
    public async Task Xml_OfOtherShapes_IsAnAnswerOrOurError(string service)
    {
        foreach (
            var answer in (string[])
                [
                    "",
                    " ",
                    "<",
                    "<a",
                    "<a>",
                    "<a></b>",
                    "<a/><a/>",
                    "<a/>",
                    "<a>text<b/>text<c>text</c>text</a>",
                    "<html><body>Sign in<br/>here</body></html>",
                    "<a x='1' x='2'/>",
                    "<a xmlns:x='u' xmlns:y='u' x:z='1' y:z='2'/>",
                    "<a xmlns:x='u' x:z='1' z='2'><b/></a>",
                    "<a xmlns:b='u' b='1'>t</a>",
                    "<a><![CDATA[text]]></a>",
                    "<a><!-- c --><?p i?></a>",
                    "<a>&nbsp;</a>",
                    "<Error><Code>x</Code></Error>",
                    "{}",
                    "null",
                    "<?xml version='1.0' encoding='UTF-16'?><a/>",
                    "<a>\u0001</a>",
                    "<a>" + new string(' ', 100_000) + "</a>",
                ]
        )
        {
            foreach (var status in (int[])[200, 400])
            {
                Stub.Answer = context => ServiceStub.WriteAsync(context, status, "text/xml", answer);
                await OrAwsExceptionAsync(() => CallAsync(service));
            }
        }
    }

    [Fact]
    public async Task Xml_ExternalEntity_IsNotFetched()
    {
        Stub.Answer = context =>
            ServiceStub.WriteAsync(
                context,
                200,
                "text/xml",
                $"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "{Stub.Url}stolen">]><DescribeDBInstancesResponse>&x;</DescribeDBInstancesResponse>"""
            );
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
        await Assert.ThrowsAsync<AwsException>(() =>
            contentType == "text/xml"
                ? Services.InventoryOf(scope).ListInstancesAsync(["i-1"], CancellationToken.None)
                : Services.For(scope).StartSessionAsync(Request, CancellationToken.None)
        );
        Assert.InRange(server.TakenBytes, 1, TakenLimitBytes * server.Answers);
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
        Stub.Answer = context =>
            ServiceStub.WriteAsync(
                context,
                200,
                "text/xml",
                "<R><DescribeDBInstancesResult><DBInstances/><Marker>again</Marker></DescribeDBInstancesResult></R>"
            );
        await OrAwsExceptionAsync(ListAsync);
        Assert.InRange(Stub.Requests.Count, 2, 500);
    }

    [Fact]
    public async Task Xml_MutatedAtRandom_IsAnAnswerOrOurError() =>
        await MutateAsync(Encoding.UTF8.GetBytes(Databases), "text/xml", at => ListAsync(InventoryAt(at)));

    [Fact]
    public async Task Json_MutatedAtRandom_IsAnAnswerOrOurError() =>
        await MutateAsync(
            Encoding.UTF8.GetBytes(Started),
            ServiceStub.JsonType,
            at => Services.For(ScopeAt(at)).StartSessionAsync(Request, CancellationToken.None)
        );

    [Fact]
    public async Task Ec2_MutatedAtRandom_IsAnAnswerOrOurError() =>
        await MutateAsync(
            Encoding.UTF8.GetBytes(Groups),
            "text/xml",
            at => InventoryAt(at).ListSecurityGroupsAsync(["sg-1"], CancellationToken.None)
        );

    [Fact]
    public async Task Nodes_MutatedAtRandom_AreAnAnswerOrOurError() =>
        await MutateAsync(
            Encoding.UTF8.GetBytes(Nodes),
            ServiceStub.JsonType,
            at => InventoryAt(at).ListManagedNodesAsync(CancellationToken.None)
        );

    // One answer for the three calls.
    [Fact]
    public async Task Tasks_MutatedAtRandom_IsAnAnswerOrOurError() =>
        await MutateAsync(
            """
        {"clusterArns":["arn:aws:ecs:eu-west-1:111122223333:cluster/a"],"taskArns":["arn:aws:ecs:eu-west-1:111122223333:task/a/1"],"failures":[],
        "tasks":[{"taskArn":"arn:aws:ecs:eu-west-1:111122223333:task/a/1","group":"service:jump","enableExecuteCommand":true,"startedAt":1.7E9,"launchType":"FARGATE",
        "containers":[{"runtimeId":"1-1","managedAgents":[{"name":"ExecuteCommandAgent","lastStatus":"RUNNING"}]}],"tags":[{"key":"a","value":"b"}],
        "attachments":[{"type":"ElasticNetworkInterface","details":[{"name":"networkInterfaceId","value":"eni-1"}]}]}]}
        """u8.ToArray(),
            ServiceStub.JsonType,
            at => InventoryAt(at).ListTasksAsync(refresh: true, CancellationToken.None)
        );

    [Fact]
    public async Task Ec2_AnswerAsItIs_IsRead()
    {
        Stub.Answer = context => ServiceStub.WriteAsync(context, 200, "text/xml", Groups);
        var group = Assert.Single(await Inventory.ListSecurityGroupsAsync(["sg-1"], CancellationToken.None));
        Assert.Equal(
            ("sg-1", "vpc-1", 5432, "sg-2", "10.0.0.0/8"),
            (group.GroupId, group.VpcId, group.Ingress[0].FromPort, group.Ingress[0].GroupIds[0], group.Ingress[0].CidrBlocks[0])
        );
    }

    private Task CallAsync(string service) =>
        service switch
        {
            "rds" => ListAsync(),
            "ec2" => Inventory.ListSecurityGroupsAsync(["sg-1"], CancellationToken.None),
            _ => Inventory.GetIdentityAsync(CancellationToken.None),
        };

    private static string Nested(int depth, int nameChars, string inner) =>
        string.Concat(Enumerable.Repeat($"<{new string('a', nameChars)}>", depth))
        + inner
        + string.Concat(Enumerable.Repeat($"</{new string('a', nameChars)}>", depth));

    private static AwsScope ScopeAt(Uri endpoint) => new(Region: ServiceStub.Region, EndpointUrl: endpoint);

    private IInventory InventoryAt(Uri endpoint) => Services.InventoryOf(ScopeAt(endpoint));

    /// <summary>Several servers at once: the SDK asks again for what it cannot read, and its waits
    /// would make up nearly all of the time.</summary>
    private async Task MutateAsync(byte[] answer, string contentType, Func<Uri, Task> call)
    {
        var seed = Random.Shared.Next(int.MaxValue - Servers);
        output.WriteLine($"seed {seed}");
        _ = Services; // made before they share it
        await Task.WhenAll(Enumerable.Range(seed, Servers).Select(each => AskAsync(new Random(each))));

        async Task AskAsync(Random random)
        {
            await using var stub = await ServiceStub.StartAsync();
            for (var i = 0; i < Mutations; i++)
            {
                var mutated = Mutate(answer, random);
                stub.Answer = async context =>
                {
                    context.Response.ContentType = contentType;
                    await context.Response.Body.WriteAsync(mutated);
                };
                await OrAwsExceptionAsync(() => call(stub.Url));
            }
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

    private Task ListAsync() => ListAsync(Inventory);

    private static async Task ListAsync(IInventory inventory)
    {
        await foreach (var page in inventory.ListDatabasesAsync("rds:DescribeDBInstances", CancellationToken.None))
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
