namespace RdsTunnel.Aws.Configuration;

/// <summary>An Identity Center session, as the configuration names it.</summary>
/// <param name="Name">Of its section; null for the older keys of a profile.</param>
/// <param name="Scopes">Asked for at sign-in; none for the older keys, which know no refresh.</param>
internal sealed record SsoSettings(string? Name, string StartUrl, string Region, string Scopes)
{
    public const string DefaultScopes = "sso:account:access";

    /// <summary>What names it in the caches.</summary>
    public string CacheKey => Name ?? StartUrl;

    public IReadOnlyList<string> ScopeList =>
        Scopes.Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <exception cref="AwsException">It is incomplete.</exception>
    public static SsoSettings Of(SharedFiles files, ProfileSection profile) =>
        profile["sso_session"] is { } name
            ? OfSession(files, name, profile)
            : new SsoSettings(
                null,
                Checked(profile["sso_start_url"], $"the profile \"{profile.Name}\""),
                CheckedRegion(profile["sso_region"], $"the profile \"{profile.Name}\""),
                ""
            );

    /// <exception cref="AwsException">There is none of this name, or it is incomplete.</exception>
    /// <param name="profile">May say what the section leaves open.</param>
    public static SsoSettings OfSession(SharedFiles files, string name, ProfileSection? profile = null)
    {
        var where = $"the sso-session \"{name}\" of {files.ConfigPath}";
        var section =
            files.FindSsoSession(name)
            ?? throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"There is no sso-session {NameText.Quoted(name)} in {files.ConfigPath}."
            );
        return new SsoSettings(
            name,
            Checked(section["sso_start_url"] ?? profile?["sso_start_url"], where),
            CheckedRegion(section["sso_region"] ?? profile?["sso_region"], where),
            section.Text("sso_registration_scopes") ?? DefaultScopes
        );
    }

    /// <exception cref="AwsException">It names nothing, or too much.</exception>
    public static SsoSettings Of(SharedFiles files, SsoReference reference) =>
        reference switch
        {
            { Profile: { } profile, SsoSession: null, StartUrl: null } => BehindProfile(files, profile),
            { SsoSession: { } session, Profile: null, StartUrl: null } => OfSession(files, session),
            { StartUrl: { } url, Region: { } region, Profile: null, SsoSession: null } => new(
                null,
                Checked(url, "the request"),
                CheckedRegion(region, "the request"),
                DefaultScopes
            ),
            _ => throw new AwsException(
                AwsErrorCode.InvalidRequest,
                "Specify one: a profile, an sso-session, or a start URL with a region."
            ),
        };

    // A role that is assumed with another profile's credentials needs that profile's sign-in.
    private static SsoSettings BehindProfile(SharedFiles files, string name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var profile =
                files.Find(name)
                ?? throw new AwsException(
                    AwsErrorCode.ConfigurationInvalid,
                    $"There is no profile {NameText.Quoted(name)} in {files.ConfigPath}."
                );
            if (profile["sso_session"] is not null || profile["sso_start_url"] is not null)
            {
                return Of(files, profile);
            }

            if (profile["source_profile"] is not { } source || !seen.Add(name))
            {
                throw new AwsException(
                    AwsErrorCode.ConfigurationInvalid,
                    profile["login_session"] is null
                        ? $"The profile \"{name}\" doesn't use IAM Identity Center. Renew its credentials where they come from."
                        : $"The profile \"{name}\" signs in with the AWS CLI. Run: aws login --profile {name}"
                );
            }

            name = source;
        }
    }

    private static string CheckedRegion(string? region, string where) =>
        RegionName.Checked(region ?? throw Missing("sso_region", where), $"The sso_region of {where}");

    // It is shown to people, and names the sign-in in what the editor gets.
    private static string Checked(string? url, string where) =>
        url is null ? throw Missing("sso_start_url", where)
        : Uri.TryCreate(url, UriKind.Absolute, out var parsed)
        && (parsed.Scheme == Uri.UriSchemeHttps || parsed.IsLoopback)
        && parsed.UserInfo.Length == 0
        && parsed.Query.Length == 0
        && !url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            ? url
        : throw new AwsException(
            AwsErrorCode.ConfigurationInvalid,
            $"The start URL of {where} must be an https URL without user name, query and spaces."
        );

    private static AwsException Missing(string property, string where) =>
        new(AwsErrorCode.ConfigurationInvalid, $"{property} is missing in {where}. Ask your AWS administrator for it.");
}
