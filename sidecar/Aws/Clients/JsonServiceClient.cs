using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace RdsTunnel.Aws.Clients;

/// <summary>A client of a service that speaks AWS JSON 1.1.</summary>
internal abstract class JsonServiceClient(AWSCredentials credentials, ServiceConfig config) : ServiceClient(credentials, config)
{
    private readonly ServiceDescription _service = config.Service;

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
}
