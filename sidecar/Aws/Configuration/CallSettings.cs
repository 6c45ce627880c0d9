namespace RdsTunnel.Aws.Configuration;

/// <summary>How AWS is called on behalf of a profile: endpoints, FIPS, dual stack, certificate
/// authorities. The environment goes before the profile, as with the AWS CLI.</summary>
/// <remarks>The profile is the one that is used: where it assumes a role with another profile's
/// credentials, the other one's settings do not count.</remarks>
/// <param name="profile">Null where there is none.</param>
internal sealed class CallSettings(Func<string, string?> environment, SharedFiles files, ProfileSection? profile)
{
    public bool UseFips => Flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");

    public bool UseDualStack => Flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");

    /// <summary>A file with certificate authorities; null for none.</summary>
    public string? CaBundle =>
        (Variable("AWS_CA_BUNDLE") ?? profile?["ca_bundle"] ?? Variable("REQUESTS_CA_BUNDLE")) is { } path
            ? SharedFiles.FromHome(path, environment)
            : null;

    /// <summary>The address that is configured for a service; null for AWS's own.</summary>
    /// <param name="serviceId">AWS's own name of the service: <c>SSO OIDC</c>.</param>
    /// <exception cref="AwsException">It is no address, or the profile names a section that is not there.</exception>
    public Uri? EndpointOf(string serviceId)
    {
        if (Flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"))
        {
            return null;
        }

        var key = serviceId.Replace(' ', '_').Replace('-', '_');
        var variable = $"AWS_ENDPOINT_URL_{key.ToUpperInvariant()}";
        return EndpointUrl.Parse(Variable(variable), variable)
            ?? EndpointUrl.Parse(Variable("AWS_ENDPOINT_URL"), "AWS_ENDPOINT_URL")
            ?? (
                profile is null
                    ? null
                    : EndpointUrl.Parse(files.ServiceEndpoint(profile, key.ToLowerInvariant()), "the profile's services section")
            )
            ?? EndpointUrl.Parse(profile?["endpoint_url"], "the profile's endpoint_url");
    }

    private bool Flag(string variable, string property) =>
        string.Equals(Variable(variable) ?? profile?[property], "true", StringComparison.OrdinalIgnoreCase);

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
