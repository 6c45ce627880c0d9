using System.Globalization;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Reads from the configuration where a profile's credentials come from, in the AWS CLI's order. Asks nobody, and runs nothing.</summary>
internal static class CredentialSources
{
    private const int MinRoleSeconds = 900;
    private const int MaxRoleSeconds = 43_200;
    private const string DefaultStsRegion = "us-east-1";

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
            return new CredentialSource.Login(name, login);
        }

        return profile["credential_process"] is { } command ? new CredentialSource.Program(name, command) : Keys(profile);
    }

    private static CredentialSource RoleOf(
        SharedFiles files, Func<string, string?> environment, ProfileSection profile, string arn, HashSet<string> chain)
    {
        var settings = new RoleSettings(
            arn, profile["region"] ?? environment("AWS_REGION") ?? environment("AWS_DEFAULT_REGION") ?? DefaultStsRegion,
            profile["role_session_name"], profile["external_id"], Duration(profile));
        if (profile["web_identity_token_file"] is { } tokenFile)
        {
            return new CredentialSource.WebIdentity(profile.Name, settings, tokenFile);
        }

        var with = (profile["source_profile"], profile["credential_source"]) switch
        {
            ({ } source, null) => Of(files, environment, source, chain),
            (null, "Environment") => new CredentialSource.Keys(StaticKeys.FromEnvironment(environment)),
            (null, "Ec2InstanceMetadata" or "EcsContainer") => new CredentialSource.Machine(profile.Name, profile["credential_source"]!),
            (null, { }) => throw Invalid(profile, "credential_source", "is none of Environment, Ec2InstanceMetadata and EcsContainer"),
            ({ }, { }) => throw Invalid(profile, "source_profile", "stands beside credential_source: only one of them can be meant"),
            _ => throw Invalid(profile, "role_arn", "lacks a source_profile or a credential_source: with what is the role to be assumed?"),
        };
        return new CredentialSource.Role(profile.Name, settings, with, profile["mfa_serial"]);
    }

    private static CredentialSource.Keys Keys(ProfileSection profile) => new(StaticKeys.FromProfile(profile.Name, property => profile[property]));

    private static int? Duration(ProfileSection profile) => profile["duration_seconds"] is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= MinRoleSeconds and <= MaxRoleSeconds ? seconds
        : throw Invalid(profile, "duration_seconds", $"is not a number of seconds from {MinRoleSeconds} to {MaxRoleSeconds}");

    private static string Required(ProfileSection profile, string property) =>
        profile[property] ?? throw Invalid(profile, property, "is missing: a profile of IAM Identity Center needs it");

    private static AwsException Invalid(ProfileSection profile, string property, string problem) =>
        new(AwsErrorCode.ConfigurationInvalid, $"In the profile \"{profile.Name}\", {property} {problem}. Correct the AWS configuration file.");
}
