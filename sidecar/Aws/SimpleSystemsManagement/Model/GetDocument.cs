using Amazon.Runtime;

namespace Amazon.SimpleSystemsManagement.Model;

internal sealed class GetDocumentRequest : AmazonWebServiceRequest
{
    /// <summary><c>JSON</c>, <c>YAML</c> or <c>TEXT</c>, whatever it was written in.</summary>
    public string? DocumentFormat { get; set; }

    /// <summary>Null for the default version.</summary>
    public string? DocumentVersion { get; set; }

    /// <summary>A name, or for one that another account shares, an ARN.</summary>
    public string? Name { get; set; }
}

internal sealed class GetDocumentResponse : AmazonWebServiceResponse
{
    public string? Content { get; set; }

    public string? DocumentFormat { get; set; }

    /// <summary><c>Session</c>, <c>Command</c>, …</summary>
    public string? DocumentType { get; set; }

    public string? DocumentVersion { get; set; }

    public string? Name { get; set; }

    /// <summary><c>Active</c>, <c>Creating</c>, <c>Updating</c>, <c>Deleting</c> or <c>Failed</c>.</summary>
    public string? Status { get; set; }
}
