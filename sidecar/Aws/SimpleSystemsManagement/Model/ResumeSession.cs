using Amazon.Runtime;

namespace Amazon.SimpleSystemsManagement.Model;

internal sealed class ResumeSessionRequest : AmazonWebServiceRequest
{
    public string? SessionId { get; set; }
}

internal sealed class ResumeSessionResponse : AmazonWebServiceResponse
{
    public string? SessionId { get; set; }

    public string? StreamUrl { get; set; }

    public string? TokenValue { get; set; }
}
