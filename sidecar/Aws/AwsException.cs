namespace RdsTunnel.Aws;

/// <summary>What failed at AWS, in a form that code can switch on. The message is for people: what, whose fault, what next.</summary>
public sealed class AwsException(AwsErrorCode code, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public AwsErrorCode Code { get; } = code;

    /// <summary>True when the same call would end so again, whatever its code says.</summary>
    public bool IsLasting { get; init; }

    /// <summary>The call that failed, in IAM's words, where one of several that belong together did: <c>mq:DescribeBroker</c>.</summary>
    public string? Action { get; internal set; }

    /// <summary>True when no call was made, because the credentials for it could not be had: a role
    /// was denied, or whatever gives them does not answer.</summary>
    public bool IsOfCredentials { get; internal set; }

    /// <summary>True when the same call may succeed later with nothing changed: throttling, the network, a fault of the service. After a
    /// StartSession it may also have been executed: then its session ends by the idle timeout.</summary>
    public bool IsTransient => !IsLasting && Code is AwsErrorCode.Throttled or AwsErrorCode.Unreachable or AwsErrorCode.ServiceFault;

    /// <summary>True when only a person can help, by signing in.</summary>
    public bool NeedsSignIn => Code is AwsErrorCode.CredentialsExpired or AwsErrorCode.CredentialsMissing;
}

public enum AwsErrorCode
{
    /// <summary>No credentials were found.</summary>
    CredentialsMissing,

    /// <summary>They were valid once; sign in again.</summary>
    CredentialsExpired,

    /// <summary>AWS does not know the key, or the secret is wrong.</summary>
    CredentialsInvalid,

    /// <summary>No region was given, and none is configured.</summary>
    RegionMissing,

    /// <summary>The configuration can't be used.</summary>
    ConfigurationInvalid,

    /// <summary>The identity lacks a permission.</summary>
    AccessDenied,

    /// <summary>The jump host's agent is offline, or hidden from this identity.</summary>
    TargetNotConnected,

    /// <summary>The SSM document does not exist in this account and region, or is not for sessions.</summary>
    InvalidDocument,

    /// <summary>AWS refused a parameter.</summary>
    InvalidRequest,

    /// <summary>The host is none that AWS gave a name to; nothing was asked of AWS.</summary>
    InvalidAddress,

    /// <summary>Too many calls.</summary>
    Throttled,

    /// <summary>No answer: DNS, proxy, TLS, or the network.</summary>
    Unreachable,

    /// <summary>AWS failed, or something that is not AWS answered.</summary>
    ServiceFault,

    /// <summary>What gives the credentials failed: <c>credential_process</c>, a container, an
    /// instance, a token file. No sign-in helps.</summary>
    CredentialsUnavailable,

    /// <summary>The data channel of a session that was started may not be opened.</summary>
    ChannelDenied,

    /// <summary>Access to the node was requested, and nobody has decided yet.</summary>
    AccessPending,

    /// <summary>The request for access was rejected or revoked, or has expired: only another one can help.</summary>
    AccessEnded,
}
