using System.Globalization;

namespace RdsTunnel.Aws.Configuration;

/// <summary>Reads from the configuration where credentials come from, in the AWS CLI's order. Asks nobody, and runs nothing.</summary>
/// <param name="read">Reads the files, once: keys of the environment need none.</param>
/// <param name="region">Where the credentials are to be used: STS is asked there.</param>
internal sealed class CredentialSources(Func<SharedFiles> read, Func<string, string?> environment, string region)
{
    private const int MinRoleSeconds = 900;
    private const int MaxRoleSeconds = 43_200;

    private readonly MachineSources _machine = new(environment);
    private SharedFiles? _files;

    private SharedFiles Files => _files ??= read();

    /// <summary>True when, with no profile asked for, a token file that the environment names goes
    /// before the profile's own credentials.</summary>
    public static bool EnvironmentWins(ProfileSection profile, Func<string, string?> environment) =>
        !string.IsNullOrEmpty(environment("AWS_WEB_IDENTITY_TOKEN_FILE")) && !HasRole(profile);

    /// <summary>Those of a scope that asks for no profile.</summary>
    /// <param name="profile">The one that counts then.</param>
    /// <exception cref="AwsException">There are none, or they make no sense.</exception>
    public CredentialSource OfEnvironment(string profile)
    {
        if (StaticKeys.Of(environment) is { } keys)
        {
            return new CredentialSource.Keys(keys);
        }

        var section = Files.Find(profile);
        if (section is not null && HasRole(section))
        {
            return RoleOf(section, [profile]);
        }

        return Variable("AWS_WEB_IDENTITY_TOKEN_FILE") is { } tokenFile
            ? WebIdentity(
                profile,
                tokenFile,
                Variable("AWS_ROLE_ARN") ?? section?["role_arn"],
                Variable("AWS_ROLE_SESSION_NAME") ?? section?["role_session_name"]
            )
            : (section is null ? null : WithoutRole(section)) ?? LastOf(profile, section);
    }

    /// <summary>Those of a profile that was asked for.</summary>
    /// <exception cref="AwsException">It, or a profile that it builds on, is missing or invalid.</exception>
    public CredentialSource Of(string profile)
    {
        var section = Files.Find(profile) ?? throw Missing(AwsErrorCode.ConfigurationInvalid, $"There is no profile \"{profile}\"");
        return HasRole(section) ? RoleOf(section, [profile]) : WithoutRole(section) ?? LastOf(profile, section);
    }

    // A profile with a token file assumes its role in another way.
    private static bool HasRole(ProfileSection profile) => profile["role_arn"] is not null && profile["web_identity_token_file"] is null;

    private CredentialSource? WithoutRole(ProfileSection profile)
    {
        if (profile["web_identity_token_file"] is { } tokenFile)
        {
            return WebIdentity(profile.Name, tokenFile, profile["role_arn"], profile["role_session_name"]);
        }

        if (profile["sso_account_id"] is not null || profile["sso_role_name"] is not null)
        {
            return IdentityCenter(profile);
        }

        if (StaticKeys.Of(profile.Name, Files.CredentialsPath, profile.Credentials) is { } keys)
        {
            return new CredentialSource.Keys(keys);
        }

        if (profile["login_session"] is { } login)
        {
            return new CredentialSource.Login(profile.Name, login, region);
        }

        if (profile.Text("credential_process") is { } command)
        {
            return new CredentialSource.Program(profile.Name, command);
        }

        return StaticKeys.Of(profile.Name, Files.ConfigPath, profile.Config) is { } inConfig ? new CredentialSource.Keys(inConfig) : null;
    }

    // What the machine has goes last. Whether it is an instance with a role, only asking tells.
    private CredentialSource LastOf(string name, ProfileSection? profile)
    {
        if (_machine.Container(name) is { } container)
        {
            return container;
        }

        var nothing = profile switch
        {
            null => Missing(
                AwsErrorCode.CredentialsMissing,
                $"No AWS credentials were found: neither AWS_ACCESS_KEY_ID in the environment nor a profile {NameText.Quoted(name)}"
            ),
            _ when profile["sso_session"] is not null || profile["sso_start_url"] is not null => Lacks(
                profile,
                "sso_account_id and sso_role_name"
            ),
            _ when StaticKeys.AreIn(profile) => Lacks(profile, "aws_access_key_id"),
            _ => new AwsException(
                AwsErrorCode.CredentialsMissing,
                $"The profile \"{name}\" has no credentials: neither access keys nor another source. Add one, or choose another profile."
            ),
        };
        return nothing.Code == AwsErrorCode.CredentialsMissing && _machine.Instance(name, profile, nothing.Message) is { } instance
            ? instance
            : throw nothing;
    }

    private CredentialSource.IdentityCenter IdentityCenter(ProfileSection profile)
    {
        var session = SsoSettings.Of(Files, profile);
        if (session.Name is { } name && Files.FindSsoSession(name) is { } section)
        {
            foreach (
                var property in section.Properties.Where(property =>
                    profile[property] is { } own && own != section[property] && section[property] is not null
                )
            )
            {
                throw Invalid(profile, property, $"differs from the one in [sso-session {name}]");
            }
        }

        return new CredentialSource.IdentityCenter(
            profile.Name,
            session,
            profile["sso_account_id"] ?? throw Lacks(profile, "sso_account_id"),
            profile["sso_role_name"] ?? throw Lacks(profile, "sso_role_name")
        );
    }

    private CredentialSource.WebIdentity WebIdentity(string profile, string tokenFile, string? arn, string? sessionName) =>
        arn is null
            ? throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"A token file is set for the profile \"{profile}\" (web_identity_token_file, AWS_WEB_IDENTITY_TOKEN_FILE), but no role: set role_arn or AWS_ROLE_ARN."
            )
            : new CredentialSource.WebIdentity(profile, new RoleSettings(arn, region, sessionName), tokenFile);

    private CredentialSource.Role RoleOf(ProfileSection profile, List<string> visited)
    {
        var with = (profile["source_profile"], profile["credential_source"]) switch
        {
            ({ } source, null) => SourceProfile(profile, source, visited),
            (null, "Environment") => StaticKeys.Of(environment) is { } keys
                ? new CredentialSource.Keys(keys)
                : throw Invalid(profile, "credential_source", "is Environment, which has no AWS_ACCESS_KEY_ID"),
            (null, "EcsContainer") => _machine.Container(profile.Name)
                ?? throw Invalid(
                    profile,
                    "credential_source",
                    "is EcsContainer, but AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set"
                ),
            (null, "Ec2InstanceMetadata") => _machine.Instance(profile.Name, profile, null)
                ?? throw Invalid(profile, "credential_source", "is Ec2InstanceMetadata, which AWS_EC2_METADATA_DISABLED turns off"),
            (null, { }) => throw Invalid(profile, "credential_source", "must be Environment, Ec2InstanceMetadata or EcsContainer"),
            ({ }, { }) => throw Invalid(profile, "source_profile", "is set together with credential_source. Use only one of them"),
            _ => throw Invalid(profile, "role_arn", "needs a source_profile or a credential_source"),
        };
        return new CredentialSource.Role(
            profile.Name,
            new RoleSettings(profile["role_arn"]!, region, profile["role_session_name"], profile["external_id"], Duration(profile)),
            with,
            profile["mfa_serial"]
        );
    }

    private CredentialSource SourceProfile(ProfileSection profile, string name, List<string> visited)
    {
        var source =
            Files.Find(name)
            ?? throw Missing(
                AwsErrorCode.ConfigurationInvalid,
                $"The profile \"{profile.Name}\" has the source_profile {NameText.Quoted(name)}, which does not exist"
            );
        var hasKeys = StaticKeys.AreIn(source);

        // A profile may assume a role with keys of its own.
        if (visited.Contains(name, StringComparer.Ordinal) && (name != profile.Name || !hasKeys))
        {
            throw Invalid(profile, "source_profile", $"refers back to itself ({string.Join(" → ", visited)} → {name})");
        }

        return !hasKeys && HasRole(source)
            ? RoleOf(source, [.. visited, name])
            : WithoutRole(source)
                ?? throw new AwsException(
                    AwsErrorCode.ConfigurationInvalid,
                    $"The profile \"{profile.Name}\" has the source_profile \"{name}\", which has no credentials."
                );
    }

    // What is no number does not count.
    private static int? Duration(ProfileSection profile) =>
        !int.TryParse(profile["duration_seconds"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) ? null
        : seconds is >= MinRoleSeconds and <= MaxRoleSeconds ? seconds
        : throw Invalid(profile, "duration_seconds", $"must be {MinRoleSeconds} to {MaxRoleSeconds}");

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;

    private AwsException Missing(AwsErrorCode code, string what) => new(code, $"{what} in {Files.ConfigPath} or {Files.CredentialsPath}.");

    private static AwsException Lacks(ProfileSection profile, string properties) => Invalid(profile, properties, "is missing");

    private static AwsException Invalid(ProfileSection profile, string property, string problem) =>
        new(
            AwsErrorCode.ConfigurationInvalid,
            $"In the profile \"{profile.Name}\", {property} {problem}. Correct the AWS configuration file."
        );
}
