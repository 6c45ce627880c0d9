using System.Diagnostics.CodeAnalysis;

namespace RdsTunnel.Aws.Configuration;

/// <summary>The keys that sign a request. The secret and the token never leave in a text.</summary>
internal sealed record StaticKeys(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    private const string AccessKeyVariable = "AWS_ACCESS_KEY_ID";
    private const string SecretKeyVariable = "AWS_SECRET_ACCESS_KEY";
    private const string AccessKeyProperty = "aws_access_key_id";
    private const string SecretKeyProperty = "aws_secret_access_key";

    // Each has an older name, which goes first.
    private static readonly string[] TokenVariables = ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"];
    private static readonly string[] TokenProperties = ["aws_security_token", "aws_session_token"];

    /// <summary>Whether requests can be signed with them: the ID and the token become headers. What gives keys may be broken, or
    /// something else may answer in its place.</summary>
    public static bool AreUsable(
        [NotNullWhen(true)] string? accessKeyId,
        [NotNullWhen(true)] string? secretAccessKey,
        string? sessionToken
    ) => IsWord(accessKeyId) && secretAccessKey is { Length: > 0 } && (string.IsNullOrEmpty(sessionToken) || IsWord(sessionToken));

    public static bool AreIn(Func<string, string?> environment) => !string.IsNullOrEmpty(environment(AccessKeyVariable));

    /// <summary>True when it looks as if they were there: the half of them counts.</summary>
    public static bool AreIn(ProfileSection profile) =>
        profile.Text(AccessKeyProperty) is not null || profile.Text(SecretKeyProperty) is not null;

    /// <exception cref="AwsException">There is no secret.</exception>
    public static StaticKeys? Of(Func<string, string?> environment) =>
        AreIn(environment)
            ? Both(
                "The environment",
                name => environment(name) is { Length: > 0 } value ? value : null,
                AccessKeyVariable,
                SecretKeyVariable,
                TokenVariables
            )
            : null;

    /// <summary>Those of one file: the halves of two files belong to different keys.</summary>
    /// <exception cref="AwsException">There is no secret.</exception>
    public static StaticKeys? Of(string profile, string path, IniSection? section) =>
        section?[AccessKeyProperty] is null
            ? null
            : Both($"The profile \"{profile}\" in {path}", name => section[name], AccessKeyProperty, SecretKeyProperty, TokenProperties);

    public override string ToString() => $"StaticKeys {{ AccessKeyId = {AccessKeyId} }}";

    private static bool IsWord([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 } && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static StaticKeys Both(string where, Func<string, string?> value, string accessKey, string secretKey, string[] tokens) =>
        new(
            value(accessKey)!,
            value(secretKey)
                ?? throw new AwsException(AwsErrorCode.ConfigurationInvalid, $"{where} has {accessKey}, but no {secretKey}. Set both."),
            tokens.Select(value).FirstOrDefault(token => token is not null)
        );
}
