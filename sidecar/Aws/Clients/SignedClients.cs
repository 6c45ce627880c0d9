using Amazon.EC2;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SecurityToken;
using Amazon.SimpleSystemsManagement;

namespace RdsTunnel.Aws.Clients;

/// <summary>The SDK's client, signing with keys that are fetched for each call.</summary>
internal class SsmClient(AWSCredentials credentials, AmazonSimpleSystemsManagementConfig config)
    : AmazonSimpleSystemsManagementClient(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ClientPipeline.Complete(pipeline);
    }
}

/// <inheritdoc cref="SsmClient"/>
internal sealed class Ec2Client(AWSCredentials credentials, AmazonEC2Config config) : AmazonEC2Client(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ClientPipeline.Complete(pipeline);
    }
}

/// <inheritdoc cref="SsmClient"/>
internal sealed class StsClient(AWSCredentials credentials, AmazonSecurityTokenServiceConfig config)
    : AmazonSecurityTokenServiceClient(credentials, config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        ClientPipeline.Complete(pipeline);
    }
}
