using System.Net;
using Amazon.EC2;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Http;
using RdsTunnel.Aws.Inventory.Listings;
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
        foreach (
            var (config, name) in (ReadOnlySpan<(ClientConfig, string)>)
                [
                    (new AmazonSimpleSystemsManagementConfig(), "ssm"),
                    (new AmazonEC2Config(), "ec2"),
                    (new ServiceConfig(RdsDatabases.Service), "rds"),
                ]
        )
        {
            Direct(config, region, fips, dualStack);

            var endpoint = config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new StartSessionRequest()));

            Assert.Equal(expected.Replace("ssm", name, StringComparison.Ordinal), endpoint.URL.TrimEnd('/'));
        }
    }

    // As the AWS CLI's own rules have it for each.
    [Theory]
    [InlineData("us-gov-west-1", false, true, "https://elasticache.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://elasticache.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://elasticache-fips.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", false, true, "https://redshift.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://redshift.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://redshift-fips.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", false, true, "https://redshift-serverless.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://redshift-serverless-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://redshift-serverless-fips.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", false, true, "https://memory-db.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://memory-db-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://memory-db-fips.us-gov-west-1.api.aws")]
    [InlineData("eu-west-1", false, true, "https://aos.eu-west-1.api.aws")]
    [InlineData("eu-west-1", true, false, "https://es-fips.eu-west-1.amazonaws.com")]
    [InlineData("eu-west-1", true, true, "https://es-fips.eu-west-1.api.aws")]
    [InlineData("us-gov-west-1", false, true, "https://aos.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://es-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://es-fips.us-gov-west-1.api.aws")]
    [InlineData("cn-north-1", false, true, "https://aos.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("cn-north-1", true, false, "https://es-fips.cn-north-1.amazonaws.com.cn")]
    [InlineData("cn-north-1", true, true, "https://es-fips.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("us-gov-west-1", false, true, "https://docdb-elastic.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://docdb-elastic-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://docdb-elastic-fips.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", false, true, "https://mq.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://mq-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://mq-fips.us-gov-west-1.api.aws")]
    [InlineData("eu-west-1", false, true, "https://kafka-api.eu-west-1.api.aws")]
    [InlineData("eu-west-1", true, false, "https://kafka-fips.eu-west-1.amazonaws.com")]
    [InlineData("eu-west-1", true, true, "https://kafka-api-fips.eu-west-1.api.aws")]
    [InlineData("us-gov-west-1", false, true, "https://kafka-api.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://kafka.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://kafka-api.us-gov-west-1.api.aws")]
    [InlineData("cn-north-1", false, true, "https://kafka-api.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("cn-north-1", true, false, "https://kafka-fips.cn-north-1.amazonaws.com.cn")]
    [InlineData("us-gov-west-1", false, true, "https://dms.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://dms.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://dms-fips.us-gov-west-1.api.aws")]
    [InlineData("eu-west-1", false, true, "https://secretsmanager.eu-west-1.amazonaws.com")]
    [InlineData("eu-west-1", true, false, "https://secretsmanager-fips.eu-west-1.amazonaws.com")]
    [InlineData("eu-west-1", true, true, "https://secretsmanager-fips.eu-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", false, true, "https://secretsmanager.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, false, "https://secretsmanager-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://secretsmanager-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("cn-north-1", false, true, "https://secretsmanager.cn-north-1.amazonaws.com.cn")]
    [InlineData("cn-north-1", true, false, "https://secretsmanager-fips.cn-north-1.amazonaws.com.cn")]
    public void Endpoint_OfAServiceWithRulesOfItsOwn_FollowsThem(string region, bool fips, bool dualStack, string expected)
    {
        var first = new Uri(expected).Host.Split('.')[0].Replace("-fips", "", StringComparison.Ordinal);
        var service = DatabaseListing
            .All.Select(listing => listing.Service)
            .Append(RegionalInventory.SecretsManager)
            .First(each => each.EndpointPrefix == first || each.DualStackPrefix == first);
        var config = new ServiceConfig(service);
        Direct(config, region, fips, dualStack);

        Assert.Equal(
            expected,
            config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new StartSessionRequest())).URL.TrimEnd('/')
        );
    }

    private static void Direct(ClientConfig config, string region, bool fips, bool dualStack)
    {
        using var http = new HttpClients(
            ServerTrust.System,
            new WebProxy(),
            TimeSpan.FromSeconds(1),
            new AwsClock(TimeProvider.System, new CollectedLogs())
        );
        SdkDefaults.Direct(config, endpoint: null, region, fips, dualStack, http);
    }
}
