using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace RdsTunnel.Aws.Clients;

internal static class JsonAnswer
{
    public const string MediaType = "application/x-amz-json-1.1";
}

/// <summary>Reads an answer, or the error <c>{"__type":"…","message":"…"}</c>.</summary>
internal sealed class JsonUnmarshaller<T>(JsonTypeInfo<T> type, Func<ErrorResponse, AmazonServiceException> createException) : JsonResponseUnmarshaller
    where T : AmazonWebServiceResponse
{
    private const int ErrorBufferBytes = 4096; // most errors fit; the reader grows it for the others
    private const int ErrorMaxDepth = 64;

    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext context) =>
        JsonSerializer.Deserialize(context.Stream, type) ?? throw new JsonException("The answer is null.");

    public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext context, Exception innerException, HttpStatusCode statusCode)
    {
        var reader = new StreamingUtf8JsonReader(context.Stream, ErrorBufferBytes, ErrorMaxDepth);
        var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(context, ref reader);
        error.InnerException = innerException;
        error.StatusCode = statusCode;
        return createException(error);
    }
}
