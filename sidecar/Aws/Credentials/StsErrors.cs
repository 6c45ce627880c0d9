using Amazon.Runtime;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Why a role could not be assumed, in words for people.</summary>
internal static class StsErrors
{
    public static string SessionName(RoleSettings settings, TimeProvider time) =>
        settings.SessionName ?? $"rds-tunnel-{time.GetUtcNow().ToUnixTimeSeconds()}";

    public static AwsException From(AmazonServiceException e, string profile, RoleSettings settings, bool withMfa)
    {
        var what = $"The profile \"{profile}\" can't assume {settings.Arn}";
        return e.ErrorCode switch
        {
            "AccessDenied" or "AccessDeniedException" => new(
                AwsErrorCode.AccessDenied,
                $"{what}: access denied. {(withMfa ? "The code may have been wrong, or used before. " : "")}"
                    + "Its trust policy must allow the caller (and the external ID, if it requires one), and the caller needs sts:AssumeRole on it.",
                e
            ),
            "ExpiredToken" or "ExpiredTokenException" => new(
                AwsErrorCode.CredentialsExpired,
                $"{what}: the source credentials have expired. Sign in again.",
                e
            ),
            "InvalidIdentityToken" or "IDPRejectedClaim" => new(
                AwsErrorCode.CredentialsExpired,
                $"{what}: the identity provider's token was rejected. Get a new one.",
                e
            ),
            "InvalidClientTokenId" or "UnrecognizedClientException" or "SignatureDoesNotMatch" or "InvalidSignatureException" => new(
                AwsErrorCode.CredentialsInvalid,
                $"{what}: the source access key or its secret is wrong.",
                e
            ),
            "Throttling" or "ThrottlingException" => new(AwsErrorCode.Throttled, $"{what}: too many calls; try again in a moment.", e),
            _ when (int)e.StatusCode >= 500 => new(
                AwsErrorCode.ServiceFault,
                $"{what}: STS reported an internal error (HTTP {(int)e.StatusCode}). Try again in a moment.",
                e
            ),
            _ when AwsErrors.IsUnreadable(e) => new(
                AwsErrorCode.ServiceFault,
                $"{what}: unexpected response from STS. A proxy may have changed it, or the endpoint isn't an AWS endpoint.",
                e
            ),
            _ => new(
                AwsErrorCode.InvalidRequest,
                $"{what}: STS rejected the request ({AwsErrors.CodeOf(e)}). Check role_arn, duration_seconds and mfa_serial.",
                e
            ),
        };
    }
}
