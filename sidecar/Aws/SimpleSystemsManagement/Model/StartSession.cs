using Amazon.Runtime;

namespace Amazon.SimpleSystemsManagement.Model;

internal sealed class StartSessionRequest : AmazonWebServiceRequest
{
    public string? DocumentName { get; set; }

    public Dictionary<string, List<string>>? Parameters { get; set; }

    public string? Reason { get; set; }

    public string? Target { get; set; }
}

internal sealed class StartSessionResponse : AmazonWebServiceResponse
{
    public string? SessionId { get; set; }

    public string? StreamUrl { get; set; }

    public string? TokenValue { get; set; }
}
