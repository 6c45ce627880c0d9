using Amazon.SimpleSystemsManagement.Model;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class DescribeInstanceInformationTests : SessionFixture
{
    [Fact]
    public async Task Paginator_TwoPages_GivesBothAndAsksWithTheToken()
    {
        Stub.AnswerInTurn(
            ServiceStub.Json("""{"InstanceInformationList":[{"InstanceId":"i-1","PingStatus":"Online","AgentVersion":"3.3.40.0","LastPingDateTime":1.7E9},{"InstanceId":"i-2"}],"NextToken":"page 2"}"""),
            ServiceStub.Json("""{"InstanceInformationList":[{"InstanceId":"mi-3","IPAddress":"10.0.0.3"}]}"""));
        using var service = Services.ServiceFor(new AwsScope(Region: ServiceStub.Region, EndpointUrl: Stub.Url));
        var request = new DescribeInstanceInformationRequest { Filters = [new() { Key = "PingStatus", Values = ["Online"] }], MaxResults = 50 };

        var found = new List<InstanceInformation>();
        await foreach (var instance in service.Client.Paginators.DescribeInstanceInformation(request).InstanceInformationList)
        {
            found.Add(instance);
        }

        Assert.Equal(["i-1", "i-2", "mi-3"], found.Select(instance => instance.InstanceId));
        Assert.Equal(("Online", "3.3.40.0", "10.0.0.3"), (found[0].PingStatus, found[0].AgentVersion, found[2].IPAddress));
        Assert.Equal(
            [
                """{"Filters":[{"Key":"PingStatus","Values":["Online"]}],"MaxResults":50}""",
                """{"Filters":[{"Key":"PingStatus","Values":["Online"]}],"MaxResults":50,"NextToken":"page 2"}""",
            ],
            Stub.Requests.Select(received => received.Body));
        Assert.All(Stub.Requests, received => Assert.Equal("AmazonSSM.DescribeInstanceInformation", received.Target));
        Assert.All(Stub.Requests, received => Assert.True(received.IsSignatureValid));
    }
}
