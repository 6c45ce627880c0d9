using Amazon.Runtime;

namespace Amazon.SimpleSystemsManagement.Model;

internal sealed class TerminateSessionRequest : AmazonWebServiceRequest
{
    public string? SessionId { get; set; }
}

internal sealed class TerminateSessionResponse : AmazonWebServiceResponse
{
    public string? SessionId { get; set; }
}
