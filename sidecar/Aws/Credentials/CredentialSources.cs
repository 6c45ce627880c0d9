using System.Globalization;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Reads from the configuration where a profile's credentials come from, in the AWS CLI's order. Asks nobody, and runs nothing.</summary>
internal static class CredentialSources
{
    private const int MinRoleSeconds = 900;
    private const int MaxRoleSeconds = 43_200;
    private const string DefaultRegion = "us-east-1";
    private const string WebIdentityVariable = "AWS_WEB_IDENTITY_TOKEN_FILE";

    /// <summary>In the place of a profile's name, in words for people.</summary>
    private const string EnvironmentName = "(environment)";

    private static readonly string[] ContainerVariables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];

    /// <summary>True when the environment says where credentials come from.</summary>
    public static bool AreIn(Func<string, string?> environment) =>
        StaticKeys.AreIn(environment) || IsSet(environment, WebIdentityVariable) || Array.Exists(ContainerVariables, variable => IsSet(environment, variable));

    /// <exception cref="AwsException">It has none.</exception>
    public static CredentialSource OfEnvironment(Func<string, string?> environment) => (StaticKeys.AreIn(environment), environment("AWS_ROLE_ARN"), environment(WebIdentityVariable)) switch
    {
        (false, { Length: > 0 } arn, { Length: > 0 } tokenFile) => new CredentialSource.WebIdentity(
            EnvironmentName, new RoleSettings(arn, RegionOf(environment, null), environment("AWS_ROLE_SESSION_NAME"), null, null), tokenFile),
        (false, _, _) when Array.Exists(ContainerVariables, variable => IsSet(environment, variable)) => new CredentialSource.Machine(EnvironmentName, CredentialSource.Machine.Container),
        _ => new CredentialSource.Keys(StaticKeys.FromEnvironment(environment)),
    };

    /// <exception cref="AwsException">The profile, or one that it builds on, is missing or makes no sense.</exception>
    public static CredentialSource Of(SharedFiles files, Func<string, string?> environment, string name) => Of(files, environment, name, []);

    private static CredentialSource Of(SharedFiles files, Func<string, string?> environment, string name, HashSet<string> chain)
    {
        var profile = files.Find(name) ?? throw new AwsException(AwsErrorCode.CredentialsMissing,
            chain.Count == 0
                ? $"No AWS credentials were found: neither AWS_ACCESS_KEY_ID in the environment nor a profile \"{name}\" in {files.ConfigPath} or {files.CredentialsPath}."
                : $"The profile \"{chain.Last()}\" builds on a profile \"{name}\", which is in neither {files.ConfigPath} nor {files.CredentialsPath}.");

        // A profile may assume a role with keys of its own.
        var isOwnSource = !chain.Add(name);
        if (isOwnSource && chain.Last() != name)
        {
            throw Invalid(profile, "source_profile", $"leads back to itself ({string.Join(" → ", chain)} → {name})");
        }

        if (profile["role_arn"] is { } arn && !isOwnSource)
        {
            return RoleOf(files, environment, profile, arn, chain);
        }

        if (profile["sso_session"] is not null || profile["sso_start_url"] is not null)
        {
            return new CredentialSource.IdentityCenter(
                name, SsoSettings.Of(files, profile), Required(profile, "sso_account_id"), Required(profile, "sso_role_name"));
        }

        if (profile.InCredentialsFile("aws_access_key_id") is not null)
        {
            return Keys(profile);
        }

        if (profile["login_session"] is { } login)
        {
            return new CredentialSource.Login(name, login, RegionOf(environment, profile));
        }

        return profile["credential_process"] is { } command ? new CredentialSource.Program(name, command) : Keys(profile);
    }

    private static CredentialSource RoleOf(
        SharedFiles files, Func<string, string?> environment, ProfileSection profile, string arn, HashSet<string> chain)
    {
        var settings = new RoleSettings(
            arn, RegionOf(environment, profile), profile["role_session_name"], profile["external_id"], Duration(profile));
        if (profile["web_identity_token_file"] is { } tokenFile)
        {
            return new CredentialSource.WebIdentity(profile.Name, settings, tokenFile);
        }

        var with = (profile["source_profile"], profile["credential_source"]) switch
        {
            ({ } source, null) => Of(files, environment, source, chain),
            (null, "Environment") => new CredentialSource.Keys(StaticKeys.FromEnvironment(environment)),
            (null, CredentialSource.Machine.Instance or CredentialSource.Machine.Container) => new CredentialSource.Machine(profile.Name, profile["credential_source"]!),
            (null, { }) => throw Invalid(profile, "credential_source", "is none of Environment, Ec2InstanceMetadata and EcsContainer"),
            ({ }, { }) => throw Invalid(profile, "source_profile", "stands beside credential_source: only one of them can be meant"),
            _ => throw Invalid(profile, "role_arn", "lacks a source_profile or a credential_source: with what is the role to be assumed?"),
        };
        return new CredentialSource.Role(profile.Name, settings, with, profile["mfa_serial"]);
    }

    private static bool IsSet(Func<string, string?> environment, string variable) => !string.IsNullOrEmpty(environment(variable));

    private static string RegionOf(Func<string, string?> environment, ProfileSection? profile) =>
        profile?["region"] ?? environment("AWS_REGION") ?? environment("AWS_DEFAULT_REGION") ?? DefaultRegion;

    private static CredentialSource.Keys Keys(ProfileSection profile) => new(StaticKeys.FromProfile(profile.Name, property => profile[property]));

    private static int? Duration(ProfileSection profile) => profile["duration_seconds"] is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= MinRoleSeconds and <= MaxRoleSeconds ? seconds
        : throw Invalid(profile, "duration_seconds", $"is not a number of seconds from {MinRoleSeconds} to {MaxRoleSeconds}");

    private static string Required(ProfileSection profile, string property) =>
        profile[property] ?? throw Invalid(profile, property, "is missing: a profile of IAM Identity Center needs it");

    private static AwsException Invalid(ProfileSection profile, string property, string problem) =>
        new(AwsErrorCode.ConfigurationInvalid, $"In the profile \"{profile.Name}\", {property} {problem}. Correct the AWS configuration file.");
}
