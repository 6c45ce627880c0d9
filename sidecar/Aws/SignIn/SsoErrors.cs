using Amazon.Runtime;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.SignIn;

/// <summary>What Identity Center refuses, in words for people. Its own words hold no secret, but none of a person's use either.</summary>
internal static class SsoErrors
{
    public static AwsException From(AmazonServiceException e, SsoSettings session, string what) =>
        e.ErrorCode switch
        {
            "UnauthorizedException" => Expired(session, e),
            "ForbiddenException" or "AccessDeniedException" => new(
                AwsErrorCode.AccessDenied,
                $"IAM Identity Center denied access to {what}. Choose another role, or ask your AWS administrator to assign it.",
                e
            ),
            "ResourceNotFoundException" => new(
                AwsErrorCode.ConfigurationInvalid,
                $"IAM Identity Center didn't find {what}. Check the account and the role.",
                e
            ),
            "TooManyRequestsException" or "SlowDownException" => new(
                AwsErrorCode.Throttled,
                $"IAM Identity Center: too many calls for {what}; try again in a moment.",
                e
            ),
            "InvalidClientException" or "UnauthorizedClientException" or "InvalidGrantException" => Expired(session, e),
            _ when (int)e.StatusCode >= 500 => new(
                AwsErrorCode.ServiceFault,
                $"IAM Identity Center reported an internal error (HTTP {(int)e.StatusCode}). Try again in a moment.",
                e
            ),
            _ when AwsErrors.IsUnreadable(e) => Unexpected(what, e),
            _ => new(
                AwsErrorCode.InvalidRequest,
                $"IAM Identity Center rejected {what} ({AwsErrors.CodeOf(e)}). Check the start URL and the region of the session.",
                e
            ),
        };

    /// <summary>The answer lacks what it is for.</summary>
    public static AwsException Unexpected(string what, Exception? cause = null) =>
        new(
            AwsErrorCode.ServiceFault,
            $"IAM Identity Center returned an unexpected response about {what}. A proxy may have changed it, or the endpoint isn't an AWS endpoint.",
            cause
        );

    public static AwsException Expired(SsoSettings session, Exception? cause = null) =>
        new(AwsErrorCode.CredentialsExpired, $"The sign-in to {session.StartUrl} has expired. Sign in again.", cause);

    public static AwsException Missing(SsoSettings session) =>
        new(AwsErrorCode.CredentialsMissing, $"You are not signed in to {session.StartUrl}. Sign in.");
}
