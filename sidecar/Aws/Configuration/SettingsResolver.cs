using RdsTunnel.Aws.Http;

namespace RdsTunnel.Aws.Configuration;

/// <summary>Finds region, endpoint and identity of a scope, in the AWS CLI's order. Thread-safe;
/// reads the files anew each time, and understands them anew when they say
/// something else.</summary>
internal sealed class SettingsResolver(Func<string, string?> environment)
{
    private readonly Func<string, string?> _environment = environment;
    private volatile SharedFiles? _latest;

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

        var calls = new CallSettings(_environment, files, profile);
        var given = scope.EndpointUrl is { } url ? EndpointUrl.Checked(url, "the tunnel's endpoint URL") : null;
        return new AwsSettings(
            profileName,
            Region(scope, profile),
            given ?? calls.EndpointOf("SSM"),
            calls.UseFips,
            calls.UseDualStack,
            calls.CaBundle,
            calls.EndpointOf("ssmmessages")
        );
    }

    /// <summary>How AWS is called on behalf of a profile; null for the environment's credentials,
    /// beside which the environment's profile counts, or the default one.</summary>
    public CallSettings CallsOf(string? profile)
    {
        var files = Files();
        return new CallSettings(_environment, files, files.Find(profile ?? NamedInEnvironment() ?? SharedFiles.DefaultProfile));
    }

    /// <summary>Where <c>aws login</c> keeps its tokens.</summary>
    public string LoginCache() => Variable("AWS_LOGIN_CACHE_DIRECTORY") ?? Path.Combine(Folder, "login", "cache");

    /// <summary>The file with certificate authorities that the environment names; null for none.</summary>
    public string? CaBundleInEnvironment() => new CallSettings(_environment, Files(), profile: null).CaBundle;

    /// <summary>The editor's <c>http.proxyStrictSSL</c> is off: its user trusts whoever answers.</summary>
    public bool TrustsAnybody => Variable("RDS_TUNNEL_PROXY_STRICT_SSL") == "false";

    /// <summary>Whom calls trust.</summary>
    /// <param name="caBundle">Null for the system's authorities alone.</param>
    /// <exception cref="AwsException">The bundle cannot be used.</exception>
    public ServerTrust TrustWith(string? caBundle) =>
        TrustsAnybody ? ServerTrust.Anybody
        : caBundle is null ? ServerTrust.System
        : ServerTrust.With(caBundle);

    /// <summary>Through which proxy calls and data channels go.</summary>
    /// <exception cref="AwsException">What the environment names is none.</exception>
    public OwnProxy Proxy() => OwnProxy.From(_environment, HttpClient.DefaultProxy);

    /// <summary>Where the credentials come from.</summary>
    /// <exception cref="AwsException">There are none.</exception>
    public CredentialSource SourceOf(AwsSettings settings)
    {
        var sources = new CredentialSources(Files, _environment, settings.Region);
        return settings.Profile is { } profile
            ? sources.Of(profile)
            : sources.OfEnvironment(NamedInEnvironment() ?? SharedFiles.DefaultProfile);
    }

    /// <summary><c>~/.aws</c>, where the caches are; not rooted where there is no home folder.</summary>
    public string Folder => SharedFiles.FolderOf(_environment);

    public SharedFiles Files() => _latest = SharedFiles.Read(_environment, _latest);

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
        return files.Find(named ?? SharedFiles.DefaultProfile) is { } profile
                ? (CredentialSources.EnvironmentWins(profile, _environment) ? null : profile.Name)
            : named is null ? null
            : throw NoProfile(named, files, " It is set in AWS_PROFILE.");
    }

    private string? NamedInEnvironment() => Variable("AWS_PROFILE") ?? Variable("AWS_DEFAULT_PROFILE");

    private string Region(AwsScope scope, ProfileSection? profile)
    {
        var (region, source) =
            scope.Region is { } asked ? (asked, "The tunnel's region")
            : Variable("AWS_REGION") is { } variable ? (variable, "AWS_REGION")
            : Variable("AWS_DEFAULT_REGION") is { } older ? (older, "AWS_DEFAULT_REGION")
            : profile?["region"] is { } property ? (property, $"The region of the profile \"{profile.Name}\"")
            : throw new AwsException(
                AwsErrorCode.RegionMissing,
                "No AWS region is set. Set one for the tunnel, in AWS_REGION, or as \"region\" in the profile."
            );
        return RegionName.Checked(region, source);
    }

    private static AwsException NoProfile(string name, SharedFiles files, string why) =>
        new(
            AwsErrorCode.ConfigurationInvalid,
            $"There is no profile {NameText.Quoted(name)} in {files.ConfigPath} or {files.CredentialsPath}.{why} Choose another one, or create it with \"aws configure\"."
        );

    private string? Variable(string name) => _environment(name) is { Length: > 0 } value ? value : null;
}
