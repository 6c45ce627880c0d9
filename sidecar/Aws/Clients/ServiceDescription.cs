using Amazon.Runtime.Internal;

namespace RdsTunnel.Aws.Clients;

/// <summary>What AWS's model of a service says about it: <c>("SSM", "ssm", "ssm", "2014-11-06", "AmazonSSM")</c>.</summary>
internal sealed record ServiceDescription(
    string ServiceId,
    string EndpointPrefix,
    string SigningName,
    string ApiVersion,
    string TargetPrefix
) : IServiceMetadata
{
    /// <summary>At the dual-stack endpoints of AWS's older partitions, where a few services go by another name.</summary>
    public string DualStackPrefix { get; init; } = EndpointPrefix;

    /// <summary>They go by that name at the endpoints that are dual-stack and FIPS, too.</summary>
    public bool IsFipsDualStackAlike { get; init; }

    /// <summary>In GovCloud the ordinary host is the FIPS host.</summary>
    public bool IsPlainHostFipsInGovCloud { get; init; }

    /// <summary>In AWS's older partitions the ordinary hosts are dual-stack.</summary>
    public bool IsPlainHostDualStack { get; init; }

    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>(0);
}
