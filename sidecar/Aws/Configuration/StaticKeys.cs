namespace RdsTunnel.Aws.Configuration;

/// <summary>Keys that stand written somewhere. The secret and the token never leave in a text.</summary>
internal sealed record StaticKeys(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    private const string AccessKeyVariable = "AWS_ACCESS_KEY_ID";
    private const string SecretKeyVariable = "AWS_SECRET_ACCESS_KEY";
    private const string TokenVariable = "AWS_SESSION_TOKEN";

    // Whoever has one of these never means the static keys beside them: the AWS CLI does not use those either.
    private static readonly (string Property, string Means)[] SignIns =
    [
        ("role_arn", "assumes a role"),
        ("web_identity_token_file", "assumes a role"),
        ("sso_session", "signs in through IAM Identity Center"),
        ("sso_start_url", "signs in through IAM Identity Center"),
        ("login_session", "signs in through the AWS console"),
    ];

    public static bool AreIn(Func<string, string?> environment) =>
        !string.IsNullOrEmpty(environment(AccessKeyVariable)) || !string.IsNullOrEmpty(environment(SecretKeyVariable));

    public static StaticKeys FromEnvironment(Func<string, string?> environment) => Both(
        "The environment", AccessKeyVariable, environment(AccessKeyVariable), SecretKeyVariable, environment(SecretKeyVariable), environment(TokenVariable));

    public static StaticKeys FromProfile(SharedFiles files, string name)
    {
        var profile = files.Find(name) ?? throw new AwsException(AwsErrorCode.CredentialsMissing,
            $"No AWS credentials were found: neither {AccessKeyVariable} in the environment nor a profile \"{name}\" in "
            + $"{files.ConfigPath} or {files.CredentialsPath}.");
        foreach (var (property, means) in SignIns)
        {
            if (profile[property] is not null)
            {
                throw CannotSignIn(name, means);
            }
        }

        var inCredentialsFile = profile.InCredentialsFile("aws_access_key_id") is not null;
        if (!inCredentialsFile && profile["credential_process"] is not null)
        {
            throw CannotSignIn(name, "takes its credentials from a program");
        }

        return Both($"The profile \"{name}\"", "aws_access_key_id", profile["aws_access_key_id"],
            "aws_secret_access_key", profile["aws_secret_access_key"], profile["aws_session_token"]);
    }

    public override string ToString() => $"StaticKeys {{ AccessKeyId = {AccessKeyId} }}";

    private static StaticKeys Both(string where, string accessKeyName, string? accessKey, string secretKeyName, string? secretKey, string? token)
    {
        var missing = (string.IsNullOrEmpty(accessKey), string.IsNullOrEmpty(secretKey)) switch
        {
            (false, false) => null,
            (true, true) => $"neither {accessKeyName} nor {secretKeyName}",
            (true, false) => $"no {accessKeyName}",
            (false, true) => $"no {secretKeyName}",
        };
        return missing is null
            ? new StaticKeys(accessKey!, secretKey!, string.IsNullOrEmpty(token) ? null : token)
            : throw new AwsException(AwsErrorCode.CredentialsMissing, $"{where} has {missing}. Both are needed to sign a request.");
    }

    private static AwsException CannotSignIn(string profile, string means) => new(AwsErrorCode.CredentialsMissing,
        $"The profile \"{profile}\" {means}, which RDS Tunnel cannot do yet. Put temporary keys into its environment: "
        + $"aws configure export-credentials --profile {profile} --format env");
}
