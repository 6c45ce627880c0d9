using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace RdsTunnel.Aws.Clients;

/// <summary>A client of a service on the SDK's own pipeline: signing, clock skew and retries stay the SDK's.</summary>
/// <remarks>The SDK's generated clients are built from the same internal parts; AWSSDK.Core is
/// pinned exactly because those may change.</remarks>
internal abstract class ServiceClient(AWSCredentials credentials, ServiceConfig config) : AmazonServiceClient(credentials, config)
{
    private readonly ServiceDescription _service = config.Service;

    protected override IServiceMetadata ServiceMetadata => _service;

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new RegionalEndpointResolver());
        pipeline.AddHandlerAfter<Marshaller>(new SigV4AuthResolver());
        ClientPipeline.Complete(pipeline);
    }

    private sealed class SigV4AuthResolver : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
    }
}
