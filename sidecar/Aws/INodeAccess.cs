namespace RdsTunnel.Aws;

/// <summary>Access to nodes that somebody approves for a while (Systems Manager's just-in-time node access), asked for by one
/// identity in one region. Thread-safe.</summary>
/// <remarks>Every failure is an <see cref="AwsException"/>, except cancellation.</remarks>
public interface INodeAccess
{
    /// <summary>Asks for access to a node. It is sent at most once: a lost answer is an error, never a second request.</summary>
    /// <param name="reason">For the approvers; 1 to 256 characters.</param>
    /// <returns>The request's id: <c>oi-…</c>.</returns>
    Task<string> RequestAsync(string target, string reason, CancellationToken cancellationToken);

    /// <summary>Looks whether a request has been approved.</summary>
    /// <returns>Starts sessions on the node, with credentials that are renewed for as long as the request holds; null while nobody
    /// has decided.</returns>
    /// <exception cref="AwsException"><see cref="AwsErrorCode.AccessEnded"/>: it was rejected or revoked, or has expired.</exception>
    Task<ISessionService?> LookAsync(string requestId, string target, CancellationToken cancellationToken);
}
