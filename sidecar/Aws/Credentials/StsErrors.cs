using Amazon.Runtime;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Why a role could not be assumed, in words for people.</summary>
internal static class StsErrors
{
    public static string SessionName(RoleSettings settings, TimeProvider time) => settings.SessionName ?? $"rds-tunnel-{time.GetUtcNow().ToUnixTimeSeconds()}";

    public static AwsException From(AmazonServiceException e, string profile, RoleSettings settings, bool withMfa)
    {
        var what = $"The profile \"{profile}\" cannot assume {settings.Arn}";
        return e.ErrorCode switch
        {
            "AccessDenied" or "AccessDeniedException" => new(AwsErrorCode.AccessDenied,
                $"{what}: access denied. {(withMfa ? "The code may have been wrong, or used before. " : "")}"
                + "Its trust policy has to name the caller (and the external id, if it asks for one), and the caller needs sts:AssumeRole on it.", e),
            "ExpiredToken" or "ExpiredTokenException" => new(AwsErrorCode.CredentialsExpired, $"{what}: the credentials that it is assumed with have expired. Sign in again.", e),
            "InvalidIdentityToken" or "IDPRejectedClaim" => new(AwsErrorCode.CredentialsExpired, $"{what}: the identity provider's token is not accepted. Get a new one.", e),
            "InvalidClientTokenId" or "UnrecognizedClientException" or "SignatureDoesNotMatch" or "InvalidSignatureException" => new(AwsErrorCode.CredentialsInvalid,
                $"{what}: AWS does not know the keys that it is assumed with, or their secret is wrong.", e),
            "Throttling" or "ThrottlingException" => new(AwsErrorCode.Throttled, $"{what}: too many calls; try again in a moment.", e),
            _ when (int)e.StatusCode >= 500 => new(AwsErrorCode.ServiceFault, $"{what}: STS failed (HTTP {(int)e.StatusCode}). The fault is at AWS; try again in a moment.", e),
            _ when AwsErrors.IsUnreadable(e) => new(AwsErrorCode.ServiceFault,
                $"{what}: the answer of STS cannot be understood. A proxy may have changed it, or the endpoint is not AWS's.", e),
            _ => new(AwsErrorCode.InvalidRequest, $"{what}: STS refused the request ({AwsErrors.CodeOf(e)}). Check role_arn, duration_seconds and mfa_serial.", e),
        };
    }
}
