namespace RdsTunnel.Aws.Configuration;

/// <summary>What a scope comes to: one identity in one region. Two scopes with equal settings share one client.</summary>
/// <param name="Profile">The profile whose keys sign; null for the keys in the environment.</param>
/// <param name="EndpointUrl">Overrides the service's address; null for AWS's own.</param>
/// <param name="GatewayUrl">What the user has named as the address of the message gateway; null for nothing.</param>
/// <param name="CaBundle">A file with certificate authorities to trust beside the system's; null for none.</param>
internal sealed record AwsSettings(
    string? Profile,
    string Region,
    Uri? EndpointUrl,
    bool UseFips,
    bool UseDualStack,
    string? CaBundle = null,
    Uri? GatewayUrl = null
)
{
    /// <summary>Plain HTTP is accepted on this machine only, so an endpoint that uses it is a local one.</summary>
    public bool IsPlainTextLoopback => EndpointUrl?.Scheme == Uri.UriSchemeHttp;
}
