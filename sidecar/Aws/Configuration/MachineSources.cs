using System.Net;

namespace RdsTunnel.Aws.Configuration;

/// <summary>Reads from the environment where the machine's own role comes from.</summary>
internal sealed class MachineSources(Func<string, string?> environment)
{
    private const string RelativeVariable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    private const string FullVariable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

    /// <summary>Who may be asked in clear text, beside this machine: the agents of ECS and EKS.</summary>
    private static readonly string[] ContainerHosts = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "fd00:ec2::23", "localhost"];

    /// <summary>Null when the environment names none.</summary>
    /// <exception cref="AwsException">What it names may not be asked.</exception>
    public CredentialSource.Container? Container(string profile)
    {
        var (text, variable) = Variable(RelativeVariable) is { } relative
            ? ($"http://169.254.170.2{relative}", RelativeVariable)
            : (Variable(FullVariable), FullVariable);
        if (text is null)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && MayBeAsked(url)
            ? new CredentialSource.Container(
                profile,
                url,
                Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
                Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
            )
            : throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"{variable} isn't allowed as a source of credentials. Use an https URL, or an http URL of this computer or of the container agent."
            );
    }

    /// <param name="otherwise">What to say when it has no role; null when its role was asked for.</param>
    /// <returns>Null when it may not be asked.</returns>
    /// <exception cref="AwsException">The address of its metadata service is none.</exception>
    public CredentialSource.Instance? Instance(string profile, ProfileSection? section, string? otherwise)
    {
        if (string.Equals(Variable("AWS_EC2_METADATA_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var text =
            Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT")
            ?? section?["ec2_metadata_service_endpoint"]
            ?? (IsIPv6(section) ? "http://[fd00:ec2::254]/" : "http://169.254.169.254/");
        return
            Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? new CredentialSource.Instance(profile, url, otherwise)
            : throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT (or ec2_metadata_service_endpoint) isn't an http URL."
            );
    }

    private bool IsIPv6(ProfileSection? section) =>
        (Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE") ?? section?["ec2_metadata_service_endpoint_mode"])?.ToLowerInvariant() switch
        {
            null => string.Equals(Variable("AWS_IMDS_USE_IPV6") ?? section?["imds_use_ipv6"], "true", StringComparison.OrdinalIgnoreCase),
            var mode => mode == "ipv6",
        };

    private static bool MayBeAsked(Uri url) =>
        url.Scheme == Uri.UriSchemeHttps
        || (
            url.Scheme == Uri.UriSchemeHttp
            && (
                Array.Exists(ContainerHosts, host => host == url.Host)
                || (IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address))
            )
        );

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
