namespace RdsTunnel.Emulator.World;

/// <summary>A role that can be assumed.</summary>
/// <param name="ExternalId">Its trust policy asks for this one.</param>
/// <param name="MfaSerial">Its trust policy asks for a multi-factor device; this one, with <paramref name="MfaCode"/>.</param>
/// <param name="DeniedActions">What it has no permission for, such as <c>ssm:StartSession</c>.</param>
/// <param name="WebIdentityToken">It is assumed with this token of an identity provider rather than with credentials.</param>
public sealed record EmulatedRole(
    string Arn,
    string? ExternalId = null,
    string? MfaSerial = null,
    string? MfaCode = null,
    string? WebIdentityToken = null,
    IReadOnlyList<string>? DeniedActions = null
);
