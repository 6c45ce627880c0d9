using Amazon.Runtime;

namespace Amazon.SimpleSystemsManagement.Model;

internal sealed class DescribeInstanceInformationRequest : AmazonWebServiceRequest
{
    public List<InstanceInformationStringFilter>? Filters { get; set; }

    public int? MaxResults { get; set; }

    public string? NextToken { get; set; }
}

/// <summary>A condition, such as key <c>PingStatus</c>, values <c>Online</c>.</summary>
internal sealed class InstanceInformationStringFilter
{
    public string? Key { get; set; }

    public List<string>? Values { get; set; }
}

internal sealed class DescribeInstanceInformationResponse : AmazonWebServiceResponse
{
    public List<InstanceInformation>? InstanceInformationList { get; set; }

    public string? NextToken { get; set; }
}

/// <summary>A managed node, as far as a tunnel cares.</summary>
internal sealed class InstanceInformation
{
    public string? AgentVersion { get; set; }

    public string? ComputerName { get; set; }

    public string? InstanceId { get; set; }

    public string? IPAddress { get; set; }

    public string? Name { get; set; }

    /// <summary><c>Online</c>, <c>ConnectionLost</c> or <c>Inactive</c>.</summary>
    public string? PingStatus { get; set; }

    public string? PlatformName { get; set; }
}
