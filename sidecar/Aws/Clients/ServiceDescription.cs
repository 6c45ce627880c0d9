using Amazon.Runtime.Internal;

namespace RdsTunnel.Aws.Clients;

/// <summary>What AWS's model of a service says about it: <c>("SSM", "ssm", "ssm", "2014-11-06", "AmazonSSM")</c>.</summary>
internal sealed record ServiceDescription(string ServiceId, string EndpointPrefix, string SigningName, string ApiVersion, string TargetPrefix) : IServiceMetadata
{
    /// <summary>At the dual-stack endpoints, where a few services go by another name.</summary>
    public string DualStackPrefix { get; init; } = EndpointPrefix;

    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>(0);
}
