using Amazon.Runtime;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.Clients;

/// <summary>Turns the service's error codes into ours, with words for people.</summary>
/// <remarks>The SDK's exception goes no further: for a wrong signature the service repeats the
/// signed request, security token included.</remarks>
internal static class AwsErrors
{
    private const int MaxQuotedChars = 400; // of the service's own words; the longest useful ones (a denied ARN) have about 300

    /// <param name="what">The call, and on what: <c>ssm:StartSession with document X on target Y</c>.</param>
    public static AwsException From(AmazonServiceException e, string what, AwsSettings settings, StaticKeys? keys)
    {
        var identity = Identity(settings);
        var said = Quote(e.Message, keys);
        return e.ErrorCode switch
        {
            "AccessDeniedException" or "AccessDenied" or "ForbiddenException" or "UnauthorizedOperation" => New(
                AwsErrorCode.AccessDenied,
                $"Access denied: {identity} can't call {what}. Ask your AWS administrator to allow it.{said}"
            ),
            "TargetNotConnected" => New(
                AwsErrorCode.TargetNotConnected,
                $"{what}: the target is not connected. Check that the instance is running and has an instance role, that its SSM agent can reach the ssmmessages "
                    + "endpoint, "
                    + $"and that it is in this account and in {settings.Region}.{said}"
            ),
            "InvalidDocument" or "InvalidDocumentVersion" => New(
                AwsErrorCode.InvalidDocument,
                $"{what}: the document does not exist in {settings.Region} for this account, or isn't a session document.{said}"
            ),
            "ExpiredTokenException" or "ExpiredToken" or "RequestExpired" => New(
                AwsErrorCode.CredentialsExpired,
                $"The credentials of {identity} have expired. Sign in again or renew the keys."
            ),
            "UnrecognizedClientException" or "InvalidClientTokenId" => New(
                AwsErrorCode.CredentialsInvalid,
                $"AWS does not recognize the access key of {identity}. It was deleted, belongs to another partition, or the region "
                    + $"{settings.Region} is not enabled for the account."
            ),
            "InvalidSignatureException" or "SignatureDoesNotMatch" or "RequestTimeTooSkewed" or "RequestInTheFuture" when IsAboutTime(e) =>
                New(
                    AwsErrorCode.CredentialsInvalid,
                    "AWS rejected the request because this computer's clock is wrong. Correct the clock, then try again."
                ),
            "InvalidSignatureException" or "SignatureDoesNotMatch" or "IncompleteSignature" or "IncompleteSignatureException" => New(
                AwsErrorCode.CredentialsInvalid,
                $"AWS rejected the signature: the secret access key of {identity} does not match its access key ID."
            ),
            "MissingAuthenticationToken" or "MissingAuthenticationTokenException" => New(
                AwsErrorCode.CredentialsMissing,
                "The request reached AWS without a signature. A proxy may have removed it."
            ),
            "OptInRequired" or "SubscriptionRequiredException" => New(
                AwsErrorCode.AccessDenied,
                $"{what}: the account isn't subscribed to this service in {settings.Region}. Enable the region or the service."
            ),
            "ThrottlingException" or "Throttling" or "TooManyRequestsException" or "RequestLimitExceeded" => New(
                AwsErrorCode.Throttled,
                $"{what}: too many calls from this account. Try again in a moment."
            ),
            _ when (int)e.StatusCode >= 500 => New(
                AwsErrorCode.ServiceFault,
                $"{what}: AWS reported an internal error (HTTP {(int)e.StatusCode}{Named(e)}). Try again in a moment."
            ),
            _ when IsUnreadable(e) => New(
                AwsErrorCode.ServiceFault,
                $"{what}: unexpected response. A proxy may have changed it, or the endpoint isn't an AWS endpoint."
            ),
            _ => New(AwsErrorCode.InvalidRequest, $"{what}: AWS rejected the request (HTTP {(int)e.StatusCode}{Named(e)}).{said}"),
        };
    }

    /// <summary>Whose credentials they are, in words for people.</summary>
    public static string Identity(AwsSettings settings) =>
        settings.Profile is null ? "the environment's credentials" : $"the profile \"{settings.Profile}\"";

    /// <summary>There was an answer, but none that AWS gives.</summary>
    public static bool IsUnreadable(AmazonServiceException e) => e is AmazonUnmarshallingException || (int)e.StatusCode is 0 or < 400;

    private static AwsException New(AwsErrorCode code, string message) => new(code, message);

    /// <summary>The service's code of an error, to be put into parentheses or after a comma: it is
    /// as foreign as the rest of the answer.</summary>
    public static string CodeOf(AmazonServiceException e) =>
        ForeignText.Name(e.ErrorCode) is { Length: > 0 } code ? code : "no AWS error code";

    private static string Named(AmazonServiceException e) => ForeignText.Name(e.ErrorCode) is { Length: > 0 } code ? $", {code}" : "";

    private static bool IsAboutTime(AmazonServiceException e) =>
        e.ErrorCode is "RequestTimeTooSkewed" or "RequestInTheFuture"
        || e.Message.StartsWith("Signature expired", StringComparison.OrdinalIgnoreCase)
        || e.Message.StartsWith("Signature not yet current", StringComparison.OrdinalIgnoreCase);

    private static string Quote(string? message, StaticKeys? keys)
    {
        // Of an error without words the SDK makes some of its own, with the whole answer in them.
        var isTheSdks = message?.Contains("HTTP Body:", StringComparison.OrdinalIgnoreCase) == true;
        return string.IsNullOrWhiteSpace(message) || isTheSdks || keys is null
            ? ""
            : $" AWS says: {ForeignText.Quote(message, [keys.SecretAccessKey, keys.SessionToken], MaxQuotedChars)}";
    }
}
