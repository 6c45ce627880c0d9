using System.Net;
using System.Net.Security;

namespace RdsTunnel.Aws;

/// <summary>The calls of AWS Systems Manager that a session's life needs, signed by one identity in one region. Thread-safe.</summary>
/// <remarks>Every failure is an <see cref="AwsException"/>, except cancellation.</remarks>
public interface ISessionService
{
    /// <summary>Judges the certificates of AWS's servers.</summary>
    RemoteCertificateValidationCallback CertificateValidation { get; }

    /// <summary>The way to AWS's servers.</summary>
    IWebProxy Proxy { get; }

    /// <summary>Starts jump hosts; null where none can be started.</summary>
    IInstancePower? Instances => null;

    /// <summary>Asks for access to nodes; null where that makes no sense, because access was given already.</summary>
    INodeAccess? NodeAccess => null;

    /// <summary>Starts a session. It is sent at most once: a lost answer is an error, never a second session.</summary>
    Task<SessionAccess> StartSessionAsync(PortSessionRequest request, CancellationToken cancellationToken);

    /// <summary>The key to a session that another program has started, once its address has been
    /// checked as that of a session of ours.</summary>
    SessionAccess Adopt(string? sessionId, string? streamUrl, string? tokenValue);

    /// <summary>A new token and address for a session whose websocket is gone; null when the session is over.</summary>
    Task<SessionAccess?> ResumeSessionAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>Signs the upgrade of a data channel's websocket with the credentials of this
    /// moment; null when it goes out unsigned, because
    /// the address is signed already or the signature could not be made.</summary>
    /// <exception cref="AwsException">Only a sign-in can help.</exception>
    Task<ChannelSignature?> SignChannelAsync(Uri streamUrl, CancellationToken cancellationToken);

    /// <summary>What to say of a session whose data channel was refused, signed or not.</summary>
    Task<AwsException> ChannelDeniedAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>Where a document leads by itself, whatever a session asks for, as far as it has
    /// been read: <c>db.corp:5432</c>. Null when it says neither host nor port.</summary>
    /// <param name="document">Null for AWS's own.</param>
    string? LeadsTo(string? document);

    /// <summary>Ends a session. Ending one that is over already is not an error.</summary>
    Task TerminateSessionAsync(string sessionId, CancellationToken cancellationToken);
}

/// <summary>Gives the session service of an identity and region. Thread-safe; services are shared and live as long as this does.</summary>
public interface ISessionServices
{
    /// <exception cref="AwsException">No region or no credentials can be found for <paramref name="scope"/>.</exception>
    ISessionService For(AwsScope scope);

    /// <summary>Somebody has signed in: what failed for want of credentials may be tried again.</summary>
    event Action? CredentialsRenewed;
}

/// <summary>Who calls, and where: what a user would pass to the AWS CLI as <c>--profile</c>,
/// <c>--region</c>, <c>--endpoint-url</c>.</summary>
/// <param name="Profile">A named profile; null for the environment's credentials.</param>
/// <param name="Region">Null for the region of the profile or the environment.</param>
/// <param name="EndpointUrl">Overrides the service's address (tests, VPC endpoints); null for AWS's own.</param>
public sealed record AwsScope(string? Profile = null, string? Region = null, Uri? EndpointUrl = null);

/// <summary>A port session as a person thinks of it.</summary>
/// <param name="Target">What StartSession takes: <c>i-…</c>, <c>mi-…</c>, <c>ecs:…</c>; or an
/// <see cref="EcsServiceTarget"/>, whose task is found first.</param>
/// <param name="Host">A host that the target can reach (document AWS-StartPortForwardingSessionToRemoteHost); null for a port of
/// the target itself (AWS-StartPortForwardingSession).</param>
/// <param name="Port">The port there.</param>
/// <param name="Reason">Shown in the account's session history; at most 256 characters.</param>
/// <param name="Document">Another session document than AWS's own; it gets the parameters that it declares.</param>
/// <param name="LocalPort">For documents that want to know it.</param>
public sealed record PortSessionRequest(
    string Target,
    string? Host,
    int Port,
    string? Reason = null,
    string? Document = null,
    int LocalPort = 0
);

/// <summary>The key to a session's data channel. The token is a secret: it is left out of <see cref="ToString"/>.</summary>
/// <param name="StreamUrl">Goes out byte for byte as the service gave it, and leads to a message gateway of the session's region.</param>
public sealed record SessionAccess(string SessionId, Uri StreamUrl, string TokenValue)
{
    public override string ToString() => $"SessionAccess {{ SessionId = {SessionId} }}";
}
