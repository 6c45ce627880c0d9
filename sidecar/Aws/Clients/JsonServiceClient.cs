using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using RdsTunnel.Aws.Credentials;

namespace RdsTunnel.Aws.Clients;

/// <summary>A client of a service that speaks AWS JSON 1.1, on the SDK's own pipeline: signing, clock skew and credentials stay the SDK's.</summary>
/// <remarks>The SDK's generated clients are built from the same internal parts; AWSSDK.Core is pinned exactly because those may change.</remarks>
internal abstract class JsonServiceClient(AWSCredentials credentials, JsonServiceConfig config) : AmazonServiceClient(credentials, config)
{
    private readonly ServiceDescription _service = config.Service;

    protected override IServiceMetadata ServiceMetadata => _service;

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new RegionalEndpointResolver());
        pipeline.AddHandlerAfter<Marshaller>(new SigV4AuthResolver());
        pipeline.AddHandlerAfter<SigV4AuthResolver>(new CredentialsFetcher());
    }

    protected Task<TResponse> CallAsync<TRequest, TResponse>(
        TRequest request, string operation, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResponse> responseType, CancellationToken cancellationToken)
        where TRequest : AmazonWebServiceRequest
        where TResponse : AmazonWebServiceResponse, new()
    {
        var options = new InvokeOptions
        {
            RequestMarshaller = new JsonMarshaller<TRequest>(_service, operation, requestType),
            ResponseUnmarshaller = new JsonUnmarshaller<TResponse>(responseType, CreateException),
        };
        return InvokeAsync<TResponse>(request, options, cancellationToken);
    }

    protected abstract AmazonServiceException CreateException(ErrorResponse error);

    /// <summary>The signer asks for keys synchronously; those that come over the network are fetched before.</summary>
    private sealed class CredentialsFetcher : PipelineHandler
    {
        public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            var context = executionContext.RequestContext;
            if (context.Identity is IdentityCredentials credentials)
            {
                context.Identity = Fixed.Of(await credentials.GetCredentialsAsync().ConfigureAwait(false));
            }

            return await base.InvokeAsync<T>(executionContext).ConfigureAwait(false);
        }
    }

    private sealed class SigV4AuthResolver : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
    }
}
