using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SimpleSystemsManagement;
using RdsTunnel.Aws.Clients;

namespace RdsTunnel.Aws.Sessions;

/// <summary>The SSM client with our retries in place of the SDK's, which would send StartSession again.</summary>
internal sealed class SessionClient(AWSCredentials credentials, AmazonSimpleSystemsManagementConfig config, SessionRetryPolicy retryPolicy)
    : SsmClient(credentials, config)
{
    // The base class builds its pipeline in its constructor, when only primary constructor parameters are set.
    private readonly SessionRetryPolicy _retryPolicy = retryPolicy;

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(_retryPolicy));
    }
}
