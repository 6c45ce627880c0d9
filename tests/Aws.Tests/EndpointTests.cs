using System.Net;
using Amazon.EC2;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Http;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("eu-west-1", false, false, "https://ssm.eu-west-1.amazonaws.com")]
    [InlineData("us-east-1", true, false, "https://ssm-fips.us-east-1.amazonaws.com")]
    [InlineData("eu-west-1", false, true, "https://ssm.eu-west-1.api.aws")]
    [InlineData("us-east-1", true, true, "https://ssm-fips.us-east-1.api.aws")]
    [InlineData("cn-north-1", false, false, "https://ssm.cn-north-1.amazonaws.com.cn")]
    [InlineData("cn-northwest-1", false, true, "https://ssm.cn-northwest-1.api.amazonwebservices.com.cn")]
    [InlineData("us-gov-west-1", false, false, "https://ssm.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, false, "https://ssm.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-east-1", true, true, "https://ssm-fips.us-gov-east-1.api.aws")]
    [InlineData("us-iso-east-1", true, false, "https://ssm-fips.us-iso-east-1.c2s.ic.gov")]
    [InlineData("eu-nowhere-9", false, false, "https://ssm.eu-nowhere-9.amazonaws.com")]
    public void Endpoint_OfARegion_FollowsItsPartition(string region, bool fips, bool dualStack, string expected)
    {
        foreach (var (config, name) in (ReadOnlySpan<(ClientConfig, string)>)
            [(new AmazonSimpleSystemsManagementConfig(), "ssm"), (new AmazonEC2Config(), "ec2"), (new ServiceConfig(new("RDS", "rds", "rds", "2014-10-31", "")), "rds")])
        {
            Direct(config, region, fips, dualStack);

            var endpoint = config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new StartSessionRequest()));

            Assert.Equal(expected.Replace("ssm", name, StringComparison.Ordinal), endpoint.URL.TrimEnd('/'));
        }
    }

    private static void Direct(ClientConfig config, string region, bool fips, bool dualStack)
    {
        using var http = new HttpClients(ServerTrust.System, new WebProxy(), TimeSpan.FromSeconds(1), new AwsClock(TimeProvider.System, new CollectedLogs()));
        SdkDefaults.Direct(config, endpoint: null, region, fips, dualStack, http);
    }
}
