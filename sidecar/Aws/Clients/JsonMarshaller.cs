using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace RdsTunnel.Aws.Clients;

/// <summary>
/// <code>
/// POST / HTTP/1.1
/// Content-Type: application/x-amz-json-1.1
/// X-Amz-Target: AmazonSSM.StartSession
///
/// {"Target":"i-0123456789abcdef0", …}
/// </code>
/// </summary>
internal sealed class JsonMarshaller<T>(ServiceDescription service, string operation, JsonTypeInfo<T> type) : IMarshaller<IRequest, AmazonWebServiceRequest>
    where T : AmazonWebServiceRequest
{
    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var request = new DefaultRequest(input, service.ServiceId)
        {
            HttpMethod = "POST",
            ResourcePath = "/",
            Content = JsonSerializer.SerializeToUtf8Bytes((T)input, type),
        };
        request.Headers["Content-Type"] = JsonAnswer.MediaType;
        request.Headers["X-Amz-Target"] = $"{service.TargetPrefix}.{operation}";
        request.Headers["x-amz-api-version"] = service.ApiVersion;
        return request;
    }
}
