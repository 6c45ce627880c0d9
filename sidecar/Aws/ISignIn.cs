namespace RdsTunnel.Aws;

/// <summary>Signs in through IAM Identity Center, into the cache that the AWS CLI shares. Thread-safe.</summary>
/// <remarks>Every failure is an <see cref="AwsException"/>, except cancellation.</remarks>
public interface ISignIn
{
    /// <summary>A sign-in has succeeded: whoever waits for credentials may try again.</summary>
    event Action? SignedIn;

    /// <summary>Signs in, with a person's help in a browser. Calls for the same session share one
    /// sign-in, and each gets its address.</summary>
    /// <param name="onAuthorizationRequested">Shows the person where to go; called once at least, and again when the way changes.</param>
    Task<SsoSession> SignInAsync(
        SsoReference session,
        SignInFlow flow,
        Action<AuthorizationRequest> onAuthorizationRequested,
        CancellationToken cancellationToken
    );

    /// <summary>Forgets the session's token, here and at the service. Doing so twice is no error.</summary>
    Task SignOutAsync(SsoReference session, CancellationToken cancellationToken);

    /// <summary>The accounts that the signed-in person may use, by name.</summary>
    Task<IReadOnlyList<SsoAccount>> ListAccountsAsync(SsoReference session, CancellationToken cancellationToken);

    /// <summary>The person's roles in an account, by name.</summary>
    Task<IReadOnlyList<string>> ListRolesAsync(SsoReference session, string accountId, CancellationToken cancellationToken);
}

/// <summary>Names an Identity Center session: by a profile that uses it, by its section's name, or by its start URL and region.</summary>
/// <remarks>Exactly one of <c>profile</c>, <c>ssoSession</c> and <c>startUrl</c>.</remarks>
/// <param name="Profile">A profile that uses the session.</param>
/// <param name="SsoSession">The name of an <c>sso-session</c> section.</param>
/// <param name="StartUrl">The start URL, for users who have no profile yet (URL).</param>
/// <param name="Region">The session's region; required with <c>startUrl</c>.</param>
public sealed record SsoReference(string? Profile = null, string? SsoSession = null, string? StartUrl = null, string? Region = null);

public enum SignInFlow
{
    /// <summary>The authorization code, and the device code where that cannot work.</summary>
    Auto,

    /// <summary>With PKCE: the browser comes back to a port of this machine.</summary>
    AuthorizationCode,

    /// <summary>The browser may be on any machine.</summary>
    DeviceCode,
}

/// <param name="StartUrl">Of the session (URL).</param>
/// <param name="Flow">AuthorizationCode or DeviceCode.</param>
/// <param name="Url">To be opened in a browser.</param>
/// <param name="ExpiresAt">When the code expires.</param>
/// <param name="UserCode">With DeviceCode: to be compared with what the browser shows.</param>
public sealed record AuthorizationRequest(string StartUrl, SignInFlow Flow, Uri Url, DateTimeOffset ExpiresAt, string? UserCode = null);

/// <param name="AccountId">12 digits.</param>
/// <param name="AccountName">Text to show the user.</param>
/// <param name="EmailAddress">Its owner's.</param>
public sealed record SsoAccount(string AccountId, string AccountName, string? EmailAddress = null);

/// <summary>Asks a person for the code of a multi-factor device. Thread-safe.</summary>
public interface IMfaCodes
{
    /// <param name="serialNumber">Of the device: <c>arn:aws:iam::123456789012:mfa/jane</c>.</param>
    /// <exception cref="AwsException">CredentialsMissing: nobody can be asked, or nobody answered.</exception>
    Task<string> AskAsync(string profile, string serialNumber, CancellationToken cancellationToken);
}
