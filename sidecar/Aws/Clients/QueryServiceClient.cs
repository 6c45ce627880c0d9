using System.Net;
using System.Xml;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace RdsTunnel.Aws.Clients;

/// <summary>A client of a service that speaks AWS's query protocol: a form in, XML out. Its
/// operations are few lines each, where they are used.</summary>
internal sealed class QueryServiceClient(AWSCredentials credentials, ServiceConfig config) : ServiceClient(credentials, config)
{
    private readonly ServiceDescription _service = config.Service;

    /// <returns>The element with the result, its names without namespace.</returns>
    public async Task<XElement> CallAsync(
        string action,
        IEnumerable<KeyValuePair<string, string>> parameters,
        CancellationToken cancellationToken
    )
    {
        var options = new InvokeOptions { RequestMarshaller = new Marshaller(_service, action), ResponseUnmarshaller = new Unmarshaller() };
        var response = await InvokeAsync<QueryResponse>(new QueryRequest([.. parameters]), options, cancellationToken)
            .ConfigureAwait(false);
        // RDS wraps its result once more, EC2 does not.
        return response.Root.Element($"{action}Result") ?? response.Root;
    }

    private sealed class QueryRequest(KeyValuePair<string, string>[] parameters) : AmazonWebServiceRequest
    {
        public KeyValuePair<string, string>[] Parameters { get; } = parameters;
    }

    private sealed class QueryResponse : AmazonWebServiceResponse
    {
        public XElement Root { get; init; } = new("nothing");
    }

    /// <summary><code>Action=DescribeDBInstances&amp;Version=2014-10-31&amp;MaxRecords=100</code></summary>
    private sealed class Marshaller(ServiceDescription service, string action) : IMarshaller<IRequest, AmazonWebServiceRequest>
    {
        public IRequest Marshall(AmazonWebServiceRequest input)
        {
            var request = new DefaultRequest(input, service.ServiceId) { HttpMethod = "POST", ResourcePath = "/" };
            request.Parameters["Action"] = action;
            request.Parameters["Version"] = service.ApiVersion;
            foreach (var (name, value) in ((QueryRequest)input).Parameters)
            {
                request.Parameters[name] = value;
            }

            return request;
        }
    }

    private sealed class Unmarshaller : XmlResponseUnmarshaller
    {
        // No entities, and nothing that grows while it is read. How deep it may be is bounded before it comes here.
        private static readonly XmlReaderSettings Safe = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreWhitespace = true,
        };

        public override AmazonWebServiceResponse Unmarshall(XmlUnmarshallerContext context)
        {
            using var reader = XmlReader.Create(context.Stream, Safe);
            return new QueryResponse { Root = Read(reader) };
        }

        // Elements by their local names, and text.
        private static XElement Read(XmlReader reader)
        {
            XElement? root = null;
            XElement? current = null;
            while (reader.Read())
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element:
                        var element = new XElement(reader.LocalName);
                        root ??= element;
                        current?.Add(element);
                        current = reader.IsEmptyElement ? current : element;
                        break;
                    case XmlNodeType.EndElement:
                        current = current?.Parent;
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA:
                        current?.Add(reader.Value);
                        break;
                }
            }

            return root ?? throw new XmlException("There is no element.");
        }

        public override AmazonServiceException UnmarshallException(
            XmlUnmarshallerContext context,
            Exception innerException,
            HttpStatusCode statusCode
        )
        {
            var error = XmlErrorResponseUnmarshaller.GetInstance().Unmarshall(context);
            return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
        }
    }
}
