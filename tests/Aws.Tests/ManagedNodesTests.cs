using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class ManagedNodesTests : SessionFixture
{
    private Task<IReadOnlyList<Inventory.ManagedNode>> ListAsync(CancellationToken cancellationToken = default) =>
        Services.InventoryOf(new AwsScope(Region: ServiceStub.Region, EndpointUrl: Stub.Url)).ListManagedNodesAsync(cancellationToken);

    [Fact]
    public async Task ListManagedNodes_TwoPages_GivesBothAndAsksWithTheToken()
    {
        Stub.AnswerInTurn(
            ServiceStub.Json(
                """
                {"InstanceInformationList":[{"InstanceId":"i-1","PingStatus":"Online","AgentVersion":"3.3.40.0","Name":"n","PlatformName":"Amazon Linux","LastPingDateTime":1.7E9},
                {"InstanceId":"i-2"}],"NextToken":"page 2"}
                """
            ),
            ServiceStub.Json(
                """{"InstanceInformationList":[{"InstanceId":"mi-3","PingStatus":"ConnectionLost","ComputerName":"c","IPAddress":"10.0.0.3","Unknown":{"a":[{}]}}]}"""
            )
        );

        Assert.Equal(
            [
                new("i-1", true, "n", "3.3.40.0", "Amazon Linux", null),
                new("i-2", false, null, null, null, null),
                new("mi-3", false, "c", null, null, "10.0.0.3"),
            ],
            await ListAsync()
        );
        Assert.Equal(
            ["""{"MaxResults":50}""", """{"MaxResults":50,"NextToken":"page 2"}"""],
            Stub.Requests.Select(received => received.Body)
        );
        Assert.All(Stub.Requests, received => Assert.Equal("AmazonSSM.DescribeInstanceInformation", received.Target));
        Assert.All(Stub.Requests, received => Assert.True(received.IsSignatureValid));
    }

    [Fact]
    public async Task ListManagedNodes_TokenThatGoesRoundInCircles_Ends()
    {
        Stub.AnswerJson("""{"InstanceInformationList":[],"NextToken":"again"}""");
        await ListAsync();
        Assert.InRange(Stub.Requests.Count, 2, 500);
    }

    [Fact]
    public async Task ListManagedNodes_CanceledWhileAPageIsUnderWay_EndsAtOnce()
    {
        using var cancellation = new CancellationTokenSource();
        var aborted = new TaskCompletionSource();
        Stub.Answer = context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            cancellation.Cancel();
            return aborted.Task;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ListAsync(cancellation.Token));
        await aborted.Task;
        Assert.Single(Stub.Requests);
    }
}
