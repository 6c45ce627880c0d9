using System.Text;
using RdsTunnel.Aws.Http;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>An answer with something else in the place of a list is a fault of the service, and takes no memory.</summary>
public sealed class AnswerShapeTests : SessionFixture
{
    [Theory]
    [InlineData("""{"InstanceInformationList":[{"InstanceId":"i-1"}],"NextToken":null}""", true)]
    [InlineData("""{"InstanceInformationList":null}""", true)]
    [InlineData("""{"SessionId":"s","Message":"InstanceInformationList"}""", true)]
    [InlineData("""{"InstanceInformationList":"text"}""", false)]
    [InlineData("""{"InstanceInformationList":{"a":1}}""", false)]
    [InlineData("""{"InstanceInformationList":1}""", false)]
    [InlineData("""{"a":[{"roleList":true}]}""", false)]
    [InlineData("""{"accountList":"text"}""", false)]
    [InlineData("""{"InstanceInformationList":[{"AssociationOverview":{"InstanceAssociationStatusAggregatedCount":[1]}}]}""", false)]
    [InlineData("""{"InstanceInformationList":""", true)]
    [InlineData("", true)]
    public void IsSafe_ListsAndMaps_HaveToBeSome(string json, bool isSafe) =>
        Assert.Equal(isSafe, AnswerShape.IsSafe(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public async Task ListManagedNodes_TextInThePlaceOfTheList_IsAServiceFault()
    {
        Stub.AnswerJson("""{"InstanceInformationList":"text"}""");
        var inventory = Services.InventoryOf(new AwsScope(Region: ServiceStub.Region, EndpointUrl: Stub.Url));

        var e = await Assert.ThrowsAsync<AwsException>(() => inventory.ListManagedNodesAsync(CancellationToken.None));

        Assert.Equal(AwsErrorCode.ServiceFault, e.Code);
    }
}
