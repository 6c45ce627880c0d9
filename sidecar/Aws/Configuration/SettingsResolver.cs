using System.Text.RegularExpressions;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.Http;

namespace RdsTunnel.Aws.Configuration;

/// <summary>Finds region, endpoint and identity of a scope, in the AWS CLI's order. Thread-safe; reads the files anew each time.</summary>
internal sealed partial class SettingsResolver(Func<string, string?> environment)
{
    private readonly Func<string, string?> _environment = environment;

    /// <exception cref="AwsException">The scope names no region or no usable identity, or the configuration cannot be used.</exception>
    public AwsSettings Resolve(AwsScope scope)
    {
        var files = Files();
        var profileName = ProfileOf(scope, files);
        var profile = files.Find(profileName ?? NamedInEnvironment() ?? SharedFiles.DefaultProfile);
        if (profile is null && scope.Profile is { } missing)
        {
            throw NoProfile(missing, files, "");
        }

        return new AwsSettings(
            profileName,
            Region(scope, profile),
            Endpoint("ssm", scope, profile, files),
            Flag("AWS_USE_FIPS_ENDPOINT", profile, "use_fips_endpoint"),
            Flag("AWS_USE_DUALSTACK_ENDPOINT", profile, "use_dualstack_endpoint"),
            CaBundleInEnvironment() ?? profile?["ca_bundle"],
            Endpoint("ssmmessages", scope, profile, files));
    }

    /// <summary>Where <c>aws login</c> keeps its tokens.</summary>
    public string LoginCache() => Variable("AWS_LOGIN_CACHE_DIRECTORY") ?? Path.Combine(Folder, "login", "cache");

    /// <summary>The file with certificate authorities that all calls trust; null when the environment names none.</summary>
    public string? CaBundleInEnvironment() => Variable("AWS_CA_BUNDLE");

    /// <summary>The editor's <c>http.proxyStrictSSL</c> is off: its user trusts whoever answers.</summary>
    public bool TrustsAnybody => Variable("RDS_TUNNEL_PROXY_STRICT_SSL") == "false";

    /// <summary>Whom calls trust; null for the system's authorities alone.</summary>
    /// <exception cref="AwsException">The bundle cannot be used.</exception>
    public ServerTrust? TrustWith(string? caBundle) => TrustsAnybody ? ServerTrust.Anybody : caBundle is null ? null : ServerTrust.With(caBundle);

    /// <summary>Where the credentials come from.</summary>
    /// <exception cref="AwsException">There are none.</exception>
    public CredentialSource SourceOf(AwsSettings settings)
    {
        var sources = new CredentialSources(Files(), _environment, settings.Region);
        return settings.Profile is { } profile ? sources.Of(profile) : sources.OfEnvironment(NamedInEnvironment() ?? SharedFiles.DefaultProfile);
    }

    /// <summary><c>~/.aws</c>, where the caches are; not rooted where there is no home folder.</summary>
    public string Folder => SharedFiles.FolderOf(_environment);

    public SharedFiles Files() => SharedFiles.Read(_environment);

    /// <summary>An address that the environment gives for a service (<c>sts</c>, <c>sso_oidc</c>), or for all.</summary>
    public Uri? EndpointInEnvironment(string service) => Endpoint(
        (Variable(VariableOf(service)), VariableOf(service)),
        (Variable("AWS_ENDPOINT_URL"), "AWS_ENDPOINT_URL"));

    /// <summary>The address of a service for a scope; null for AWS's own.</summary>
    public Uri? EndpointOf(string service, AwsScope scope)
    {
        var files = Files();
        return Endpoint(service, scope, files.Find(ProfileOf(scope, files) ?? NamedInEnvironment() ?? SharedFiles.DefaultProfile), files);
    }

    private static string VariableOf(string service) => $"AWS_ENDPOINT_URL_{service.ToUpperInvariant()}";

    // A profile that is asked for wins; without one, keys in the environment win over AWS_PROFILE, as with the AWS CLI. What else the
    // environment leads to, a container's role say, counts where there is no profile at all.
    private string? ProfileOf(AwsScope scope, SharedFiles files)
    {
        if (scope.Profile is { } asked)
        {
            return asked;
        }

        if (StaticKeys.AreIn(_environment))
        {
            return null;
        }

        var named = NamedInEnvironment();
        return files.Find(named ?? SharedFiles.DefaultProfile) is { } profile ? (CredentialSources.EnvironmentWins(profile, _environment) ? null : profile.Name)
            : named is null ? null
            : throw NoProfile(named, files, " AWS_PROFILE names it.");
    }

    private string? NamedInEnvironment() => Variable("AWS_PROFILE") ?? Variable("AWS_DEFAULT_PROFILE");

    private string Region(AwsScope scope, ProfileSection? profile)
    {
        var region = scope.Region ?? Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? profile?["region"]
            ?? throw new AwsException(AwsErrorCode.RegionMissing,
                "No AWS region is known. Name one for the tunnel, or set AWS_REGION, or \"region\" in the profile.");

        return CheckedRegion(region);
    }

    /// <summary>It becomes a part of the host name that gets our signature, or our token.</summary>
    /// <exception cref="AwsException">It is the name of no region.</exception>
    public static string CheckedRegion(string region)
    {
        return RegionName().IsMatch(region)
            ? region
            : throw new AwsException(AwsErrorCode.ConfigurationInvalid, $"\"{region}\" is not the name of an AWS region, such as "
                + "eu-west-1.");
    }

    private Uri? Endpoint(string service, AwsScope scope, ProfileSection? profile, SharedFiles files)
    {
        if (scope.EndpointUrl is { } given)
        {
            return Checked(given, "the tunnel's endpoint URL");
        }

        return Endpoint(
            (Variable(VariableOf(service)), VariableOf(service)),
            (Variable("AWS_ENDPOINT_URL"), "AWS_ENDPOINT_URL"),
            (profile is null ? null : files.ServiceEndpoint(profile, service), "the profile's services section"),
            (profile?["endpoint_url"], "the profile's endpoint_url"));
    }

    private static Uri? Endpoint(params (string? Text, string Source)[] candidates)
    {
        var (text, source) = Array.Find(candidates, candidate => candidate.Text is not null);
        if (text is null)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url) ? Checked(url, source) : throw NotAnEndpoint(source);
    }

    // Over plain HTTP the answer to StartSession would carry the session's token in clear text: only on this machine.
    private static Uri Checked(Uri url, string source)
    {
        var usable = url.IsAbsoluteUri
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;
        return usable ? url : throw NotAnEndpoint(source);
    }

    private static AwsException NoProfile(string name, SharedFiles files, string why) => new(AwsErrorCode.ConfigurationInvalid,
        $"There is no profile \"{name}\" in {files.ConfigPath} or {files.CredentialsPath}.{why} Choose another one, or create it with \"aws configure\".");

    private static AwsException NotAnEndpoint(string source) => new(AwsErrorCode.ConfigurationInvalid,
        $"{source} is not the address of an AWS endpoint. It has to be an https URL (http only on this machine) without user name, "
        + "query or fragment.");

    private bool Flag(string variable, ProfileSection? profile, string property) =>
        string.Equals(Variable(variable) ?? profile?[property], "true", StringComparison.OrdinalIgnoreCase);

    private string? Variable(string name) => _environment(name) is { Length: > 0 } value ? value : null;

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)+$")]
    private static partial Regex RegionName();
}
