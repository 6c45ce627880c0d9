using Amazon.Runtime;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.Clients;

/// <summary>Turns the service's error codes into ours, with words for people.</summary>
/// <remarks>The SDK's exception goes no further: for a wrong signature the service repeats the signed request, security token included.</remarks>
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
            "AccessDeniedException" or "AccessDenied" or "ForbiddenException" or "UnauthorizedOperation" => New(AwsErrorCode.AccessDenied,
                $"Access denied: {identity} may not call {what}. Ask whoever manages its IAM policies to allow that.{said}"),
            "TargetNotConnected" => New(AwsErrorCode.TargetNotConnected,
                $"{what}: the target is not connected. Its SSM agent is offline (instance stopped, no way to the ssmmessages "
                + "endpoint, no instance role), "
                + $"it is in another account or region than {settings.Region}, or this identity may not see it.{said}"),
            "InvalidDocument" or "InvalidDocumentVersion" => New(AwsErrorCode.InvalidDocument,
                $"{what}: the document does not exist in {settings.Region} for this account, or is not one for sessions.{said}"),
            "ExpiredTokenException" or "ExpiredToken" or "RequestExpired" => New(AwsErrorCode.CredentialsExpired,
                $"The credentials of {identity} have expired. Sign in again or renew the keys."),
            "UnrecognizedClientException" or "InvalidClientTokenId" => New(AwsErrorCode.CredentialsInvalid,
                $"AWS does not know the access key of {identity}: it was deleted, belongs to another partition, or the region "
                + $"{settings.Region} is not enabled for the account."),
            "InvalidSignatureException" or "SignatureDoesNotMatch" or "RequestTimeTooSkewed" or "RequestInTheFuture" when IsAboutTime(e) => New(AwsErrorCode.CredentialsInvalid,
                "AWS refused the request's date: this computer's clock is wrong. Set it right, then try again."),
            "InvalidSignatureException" or "SignatureDoesNotMatch" or "IncompleteSignature" or "IncompleteSignatureException" => New(AwsErrorCode.CredentialsInvalid,
                $"AWS refused the signature: the secret access key of {identity} does not belong to its access key id."),
            "MissingAuthenticationToken" or "MissingAuthenticationTokenException" => New(AwsErrorCode.CredentialsMissing,
                "AWS found no signature in the request. A proxy on the way may have taken it out."),
            "OptInRequired" or "SubscriptionRequiredException" => New(AwsErrorCode.AccessDenied,
                $"{what}: the account is not signed up for this service in {settings.Region}. Enable the region or the service."),
            "ThrottlingException" or "Throttling" or "TooManyRequestsException" or "RequestLimitExceeded" => New(AwsErrorCode.Throttled,
                $"{what}: too many calls. The account's limit is used up, perhaps by others; try again in a moment."),
            _ when (int)e.StatusCode >= 500 => New(AwsErrorCode.ServiceFault,
                $"{what}: the service failed (HTTP {(int)e.StatusCode}{Named(e)}). The fault is at AWS; try again in a moment."),
            _ when IsUnreadable(e) => New(AwsErrorCode.ServiceFault,
                $"{what}: the answer cannot be understood. A proxy may have changed it, or the endpoint is not AWS's."),
            _ => New(AwsErrorCode.InvalidRequest, $"{what}: the service refused the request (HTTP {(int)e.StatusCode}{Named(e)}).{said}"),
        };
    }

    /// <summary>Whose credentials they are, in words for people.</summary>
    public static string Identity(AwsSettings settings) => settings.Profile is null ? "the environment's credentials" : $"the profile \"{settings.Profile}\"";

    /// <summary>There was an answer, but none that AWS gives.</summary>
    public static bool IsUnreadable(AmazonServiceException e) => e is AmazonUnmarshallingException || (int)e.StatusCode is 0 or < 400;

    private static AwsException New(AwsErrorCode code, string message) => new(code, message);

    /// <summary>The service's code of an error, to be put into parentheses or after a comma: it is as foreign as the rest of the answer.</summary>
    public static string CodeOf(AmazonServiceException e) => ForeignText.Name(e.ErrorCode) is { Length: > 0 } code ? code : "no error code of AWS";

    private static string Named(AmazonServiceException e) => ForeignText.Name(e.ErrorCode) is { Length: > 0 } code ? $", {code}" : "";

    private static bool IsAboutTime(AmazonServiceException e) =>
        e.ErrorCode is "RequestTimeTooSkewed" or "RequestInTheFuture"
        || e.Message.StartsWith("Signature expired", StringComparison.OrdinalIgnoreCase)
        || e.Message.StartsWith("Signature not yet current", StringComparison.OrdinalIgnoreCase);

    private static string Quote(string? message, StaticKeys? keys)
    {
        // Of an error without words the SDK makes some of its own, with the whole answer in them.
        var isTheSdks = message?.Contains("HTTP Body:", StringComparison.OrdinalIgnoreCase) == true;
        return string.IsNullOrWhiteSpace(message) || isTheSdks || keys is null ? ""
            : $" AWS says: {ForeignText.Quote(message, [keys.SecretAccessKey, keys.SessionToken], MaxQuotedChars)}";
    }
}
