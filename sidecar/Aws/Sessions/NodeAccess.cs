using System.Text.RegularExpressions;
using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;
using RdsTunnel.Aws.Credentials;

namespace RdsTunnel.Aws.Sessions;

/// <inheritdoc cref="INodeAccess"/>
/// <param name="service">Whose identity asks.</param>
internal sealed partial class NodeAccess(SessionService service) : INodeAccess
{
    public async Task<string> RequestAsync(string target, string reason, CancellationToken cancellationToken)
    {
        var request = new StartAccessRequestRequest { Reason = reason, Targets = [new Target { Key = "InstanceIds", Values = [target] }] };
        var what = $"ssm:StartAccessRequest for {target}";
        var answer = await service
            .CallAsync(what, () => service.Client.StartAccessRequestAsync(request, cancellationToken))
            .ConfigureAwait(false);
        return answer?.AccessRequestId is { } id && RequestId.IsMatch(id) ? id : throw Unexpected(what, "no request ID");
    }

    public async Task<ISessionService?> LookAsync(string requestId, string target, CancellationToken cancellationToken) =>
        await FetchAsync(requestId, target, cancellationToken).ConfigureAwait(false) is { } first
            ? service.GrantedBy(requestId, first, () => RenewAsync(requestId, target))
            : null;

    private async Task<Lease> RenewAsync(string requestId, string target) =>
        await FetchAsync(requestId, target, CancellationToken.None).ConfigureAwait(false)
        ?? throw Unexpected($"ssm:GetAccessToken of {requestId}", "no credentials, though it was approved before");

    /// <returns>Null while nobody has decided.</returns>
    private async Task<Lease?> FetchAsync(string requestId, string target, CancellationToken cancellationToken)
    {
        var what = $"ssm:GetAccessToken of {requestId}";
        var answer = await service
            .CallAsync(
                what,
                () => service.Client.GetAccessTokenAsync(new GetAccessTokenRequest { AccessRequestId = requestId }, cancellationToken)
            )
            .ConfigureAwait(false);
        return answer?.AccessRequestStatus switch
        {
            { } status when status == AccessRequestStatus.Pending => null,
            { } status when status == AccessRequestStatus.Approved => LeaseOf(answer.Credentials)
                ?? throw Unexpected(what, "no credentials, though it is approved"),
            { } status when status == AccessRequestStatus.Rejected => throw Ended(
                $"The request {requestId} for access to {target} was rejected. Ask its approvers why before you request access again."
            ),
            { } status when status == AccessRequestStatus.Revoked => throw Ended(
                $"Access to {target} was revoked (request {requestId}). Ask its approvers why before you request access again."
            ),
            { } status when status == AccessRequestStatus.Expired => throw Ended(
                $"Access to {target} has ended: the request {requestId} has expired. Request access again if you still need it."
            ),
            _ => throw Unexpected(what, "an unknown status"),
        };
    }

    private static Lease? LeaseOf(Amazon.SimpleSystemsManagement.Model.Credentials? given) =>
        given is { SessionToken: { Length: > 0 } token, ExpirationTime: { } end }
            ? Lease.TryCreate(given.AccessKeyId, given.SecretAccessKey, token, end)
            : null;

    private static AwsException Ended(string message) => new(AwsErrorCode.AccessEnded, message);

    private static AwsException Unexpected(string what, string lack) =>
        new(AwsErrorCode.ServiceFault, $"{what}: the response has {lack}. A proxy may have changed it.");

    [GeneratedRegex("^oi-[0-9a-f]{12}$", RegexOptions.CultureInvariant)]
    private static partial Regex RequestId { get; }
}
