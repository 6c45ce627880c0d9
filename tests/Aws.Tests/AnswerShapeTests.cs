using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Amazon.SimpleSystemsManagement;
using Amazon.SSO;
using Amazon.SSOOIDC;
using RdsTunnel.Aws.Http;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>An answer with something else in the place of a list is a fault of the service, and takes no memory.</summary>
public sealed partial class AnswerShapeTests : SessionFixture
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
    [InlineData("""{"Sessions":{"a":1}}""", false)]
    [InlineData("""{"Sessions":"text"}""", false)]
    [InlineData("""{"Sessions":[{"SessionId":"s","Reason":null}],"NextToken":null}""", true)]
    [InlineData("""{"Sessions":[{"SessionId":"s"},null]}""", false)]
    [InlineData("""{"accountList":[null]}""", false)]
    [InlineData("""{"a":{"roleList":[{"x":[1]},{"y":null},null]}}""", false)]
    [InlineData("""{"roleList":[],"others":[null]}""", true)]
    [InlineData("""{"InstanceInformationList":""", true)]
    [InlineData("", true)]
    public void IsSafe_ListsAndMaps_HaveToBeSome(string json, bool isSafe) =>
        Assert.Equal(isSafe, AnswerShape.IsSafe(Encoding.UTF8.GetBytes(json)));

    /// <summary>Of each operation of a JSON service that is called anywhere in the project.</summary>
    [Fact]
    public void Lists_OfEveryAnswerThatTheSdkReads_AreKnown()
    {
        var called = Directory
            .EnumerateFiles(Path.Combine(Repository(), "sidecar", "Aws"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Call().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["name"].Value)
            .ToHashSet();
        Type[] answers =
        [
            .. new[] { typeof(AmazonSimpleSystemsManagementClient), typeof(AmazonSSOClient), typeof(AmazonSSOOIDCClient) }.SelectMany(
                service =>
                    service
                        .Assembly.GetTypes()
                        .Where(type => type.Name.EndsWith("Response", StringComparison.Ordinal) && called.Contains(type.Name[..^8]))
            ),
        ];
        Assert.Contains(answers, answer => answer.Name == "DescribeSessionsResponse");
        Assert.Contains(answers, answer => answer.Name == "ListAccountsResponse");
        var (lists, maps) = (new HashSet<string>(), new HashSet<string>());
        foreach (var answer in answers)
        {
            Collect(answer, lists, maps, []);
        }

        Assert.Empty(lists.Except(AnswerShape.Lists, StringComparer.OrdinalIgnoreCase));
        Assert.Empty(maps.Except(AnswerShape.Maps, StringComparer.OrdinalIgnoreCase));
    }

    private static void Collect(Type type, HashSet<string> lists, HashSet<string> maps, HashSet<Type> seen)
    {
        if (!seen.Add(type) || type.Namespace?.StartsWith("Amazon.", StringComparison.Ordinal) != true)
        {
            return;
        }

        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            var generic = property.PropertyType.IsGenericType ? property.PropertyType.GetGenericTypeDefinition() : null;
            (
                generic == typeof(List<>) ? lists
                : generic == typeof(Dictionary<,>) ? maps
                : []
            ).Add(property.Name);
            foreach (var part in generic is null ? [property.PropertyType] : property.PropertyType.GetGenericArguments())
            {
                Collect(part, lists, maps, seen);
            }
        }
    }

    private static string Repository([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(file, "..", "..", ".."));

    [GeneratedRegex(@"(\.|new )(?<name>[A-Z][A-Za-z]+?)(Async\(|Request\b|\()", RegexOptions.CultureInvariant)]
    private static partial Regex Call();

    [Fact]
    public async Task ListManagedNodes_TextInThePlaceOfTheList_IsAServiceFault()
    {
        Stub.AnswerJson("""{"InstanceInformationList":"text"}""");
        var inventory = Services.InventoryOf(new AwsScope(Region: ServiceStub.Region, EndpointUrl: Stub.Url));

        var e = await Assert.ThrowsAsync<AwsException>(() => inventory.ListManagedNodesAsync(CancellationToken.None));

        Assert.Equal(AwsErrorCode.ServiceFault, e.Code);
    }
}
