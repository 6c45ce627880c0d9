namespace RdsTunnel.Emulator.Signing;

/// <summary>One identity that may sign requests.</summary>
/// <param name="SessionToken">Temporary credentials carry one; it must then be sent and signed.</param>
/// <param name="ExpiresAt">From then on requests fail with <c>ExpiredTokenException</c>.</param>
/// <param name="DeniedActions">What the identity has no permission for, such as <c>ssm:StartSession</c>.</param>
public sealed record EmulatedCredential(
    string AccessKeyId,
    string SecretAccessKey,
    string? SessionToken = null,
    DateTimeOffset? ExpiresAt = null,
    IReadOnlyList<string>? DeniedActions = null
)
{
    /// <summary>Who it is.</summary>
    public string Arn { get; init; } = "arn:aws:iam::111122223333:user/jane.doe+dev@example.com";

    /// <summary>The role of an instance, with which its agent signs.</summary>
    public bool IsNode { get; init; }

    /// <summary>It was given by an access request, and is good for nothing else; null for an identity.</summary>
    public AccessGrant? Grant { get; init; }

    /// <summary>What sessions are named after: the last part of <see cref="Arn"/>.</summary>
    public string UserName => Arn[(Arn.LastIndexOf('/') + 1)..];

    /// <summary>What the emulator accepts when nothing else is configured: the example keys of AWS's own documentation.</summary>
    public static EmulatedCredential Default { get; } = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

    /// <summary>Whether it has the permission for a call on something.</summary>
    public bool May(string action) =>
        DeniedActions?.Contains(action, StringComparer.Ordinal) != true && (Grant is null || AccessGrant.Actions.Contains(action));

    // The secret and the token stay out of logs.
    public override string ToString() => $"{nameof(EmulatedCredential)} {{ AccessKeyId = {AccessKeyId} }}";
}
