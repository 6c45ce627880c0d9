using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace RdsTunnel.Aws.Clients;

/// <summary>A client of a service that answers with JSON documents. Its operations are few lines each, where they are used.</summary>
internal sealed class DocumentServiceClient(AWSCredentials credentials, ServiceConfig config) : ServiceClient(credentials, config)
{
    private const string Json11 = "application/x-amz-json-1.1";

    private readonly ServiceDescription _service = config.Service;

    public async Task<JsonElement> CallAsync(DocumentCall call, CancellationToken cancellationToken)
    {
        var options = new InvokeOptions { RequestMarshaller = new Marshaller(_service), ResponseUnmarshaller = new Unmarshaller() };
        return (await InvokeAsync<DocumentResponse>(new DocumentRequest(call), options, cancellationToken).ConfigureAwait(false)).Root;
    }

    private sealed class DocumentRequest(DocumentCall call) : AmazonWebServiceRequest
    {
        public DocumentCall Call { get; } = call;
    }

    private sealed class DocumentResponse : AmazonWebServiceResponse
    {
        public JsonElement Root { get; init; }
    }

    /// <summary><code>
    /// POST /                                        GET /v1/brokers/b-0123?maxResults=100
    /// X-Amz-Target: AmazonMemoryDB.DescribeClusters
    ///
    /// {"MaxResults":50}
    /// </code></summary>
    private sealed class Marshaller(ServiceDescription service) : IMarshaller<IRequest, AmazonWebServiceRequest>
    {
        public IRequest Marshall(AmazonWebServiceRequest input)
        {
            var call = ((DocumentRequest)input).Call;
            return call.Path is { } path ? Rest(input, call, path) : Json(input, call);
        }

        private DefaultRequest Json(AmazonWebServiceRequest input, DocumentCall call)
        {
            var request = new DefaultRequest(input, service.ServiceId)
            {
                HttpMethod = "POST",
                ResourcePath = "/",
                Content = Bytes(
                    new JsonObject(
                        call.Parameters.Select(parameter =>
                            KeyValuePair.Create<string, JsonNode?>(parameter.Name, parameter.Value.DeepClone())
                        )
                    )
                ),
            };
            request.Headers["Content-Type"] = Json11;
            request.Headers["X-Amz-Target"] = $"{service.TargetPrefix}.{call.Operation}";
            return request;
        }

        private DefaultRequest Rest(AmazonWebServiceRequest input, DocumentCall call, string path)
        {
            var request = new DefaultRequest(input, service.ServiceId)
            {
                HttpMethod = call.Body is null ? "GET" : "POST",
                ResourcePath = path,
            };
            if (call.PathValue is { } value)
            {
                request.AddPathResource(
                    path[path.IndexOf('{', StringComparison.Ordinal)..(path.IndexOf('}', StringComparison.Ordinal) + 1)],
                    value
                );
            }

            if (call.Body is { } body)
            {
                request.Content = Bytes(body);
                request.Headers["Content-Type"] = "application/json";
            }

            request.UseQueryString = call.Body is null;
            foreach (var (name, parameter) in call.Parameters)
            {
                request.Parameters[name] = parameter.ToString();
            }

            return request;
        }

        private static byte[] Bytes(JsonObject body) => Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    private sealed class Unmarshaller : JsonResponseUnmarshaller
    {
        private const int ErrorBufferBytes = 4096; // most errors fit; the reader grows it for the others
        private const int ErrorMaxDepth = 64;

        public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext context)
        {
            using var document = JsonDocument.Parse(context.Stream);
            return new DocumentResponse { Root = document.RootElement.Clone() };
        }

        public override AmazonServiceException UnmarshallException(
            JsonUnmarshallerContext context,
            Exception innerException,
            HttpStatusCode statusCode
        )
        {
            var reader = new StreamingUtf8JsonReader(context.Stream, ErrorBufferBytes, ErrorMaxDepth);
            var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(context, ref reader);
            return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
        }
    }
}
