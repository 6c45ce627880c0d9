namespace RdsTunnel.Aws.Credentials;

/// <summary>The keys that sign a request. The secret and the token never leave in a text.</summary>
internal sealed record StaticKeys(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    private const string AccessKeyVariable = "AWS_ACCESS_KEY_ID";
    private const string SecretKeyVariable = "AWS_SECRET_ACCESS_KEY";
    private const string TokenVariable = "AWS_SESSION_TOKEN";

    public static bool AreIn(Func<string, string?> environment) =>
        !string.IsNullOrEmpty(environment(AccessKeyVariable)) || !string.IsNullOrEmpty(environment(SecretKeyVariable));

    public static StaticKeys FromEnvironment(Func<string, string?> environment) => Both(
        "The environment", AccessKeyVariable, environment(AccessKeyVariable), SecretKeyVariable, environment(SecretKeyVariable), environment(TokenVariable));

    /// <param name="property">Gives a property of the profile.</param>
    public static StaticKeys FromProfile(string name, Func<string, string?> property) => Both(
        $"The profile \"{name}\"", "aws_access_key_id", property("aws_access_key_id"), "aws_secret_access_key", property("aws_secret_access_key"),
        property("aws_session_token"));

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
}
