using System.Security.Cryptography;
using System.Text.RegularExpressions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.NodeAccess;

/// <summary>The requests for access to nodes, and who may ask what about them. Stricter than AWS where that is not documented: one node
/// for a request, one request for a node and requester at a time, and credentials for its own sessions only. Thread-safe.</summary>
/// <param name="rules">Null where the account does not grant access just in time.</param>
internal sealed partial class AccessRequests(EmulatedNodeAccess? rules, CredentialStore credentials, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<Request> _requests = []; // guarded by _gate, oldest first

    public IReadOnlyList<AccessRequestDescription> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests.Select(Describe)];
            }
        }
    }

    /// <returns>The request's id.</returns>
    public string Start(string instanceId, string reason, EmulatedCredential caller)
    {
        var access =
            rules ?? throw new ServiceException("ValidationException", "Just-In-Time Node Access service is not enabled in this account.");
        if (!caller.Arn.Contains(":assumed-role/", StringComparison.Ordinal))
        {
            throw new ServiceException("AccessDeniedException", "Access requests need the temporary credentials of a role.");
        }

        lock (_gate)
        {
            if (
                _requests.Exists(each =>
                    each.InstanceId == instanceId
                    && each.Requester == caller.Arn
                    && StatusOf(each) is AccessStatus.Pending or AccessStatus.Approved
                )
            )
            {
                throw new ServiceException("ServiceQuotaExceededException", $"There is a request for {instanceId} already.");
            }

            var id = $"oi-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
            var request = new Request(id, instanceId, reason, caller.Arn);
            _requests.Add(request);
            if (access.IsAutomatic)
            {
                Approve(request);
            }

            return id;
        }
    }

    /// <returns>Credentials while it is approved, else null.</returns>
    public (AccessStatus Status, EmulatedCredential? Credentials) GetToken(string id, EmulatedCredential caller)
    {
        if (!RequestId.IsMatch(id))
        {
            throw new ServiceException(
                "ValidationException",
                $"1 validation error detected: Value '{id}' at 'accessRequestId' failed to satisfy constraint: Member must satisfy regular expression pattern"
            );
        }

        lock (_gate)
        {
            var request =
                _requests.Find(each => each.Id == id)
                ?? throw new ServiceException("ResourceNotFoundException", $"Access request {id} does not exist.");
            if (request.Requester != caller.Arn)
            {
                throw new ServiceException("AccessDeniedException", $"{caller.Arn} has not made the access request {id}.");
            }

            if (StatusOf(request) is var status && status != AccessStatus.Approved)
            {
                return (status, null);
            }

            request.Tokens++;
            var credential = credentials.Issue(
                $"arn:aws:sts::111122223333:assumed-role/SSM-JustInTimeAccessTokenRole/{caller.UserName}",
                time.GetUtcNow().AddSeconds(rules!.TokenSeconds),
                grant: new AccessGrant(id, request.InstanceId, rules.Documents)
            );
            return (status, credential);
        }
    }

    /// <summary>An approver decides, or takes it back.</summary>
    /// <exception cref="ArgumentException">There is no such request, or it can't become that.</exception>
    public void Decide(string id, AccessStatus status)
    {
        lock (_gate)
        {
            var request = _requests.Find(each => each.Id == id) ?? throw new ArgumentException($"There is no access request {id}.");
            switch (StatusOf(request), status)
            {
                case (AccessStatus.Pending, AccessStatus.Approved):
                    Approve(request);
                    break;
                case (AccessStatus.Pending, AccessStatus.Rejected or AccessStatus.Expired):
                case (AccessStatus.Approved, AccessStatus.Revoked or AccessStatus.Expired):
                    request.Status = status;
                    break;
                case var (now, _):
                    throw new ArgumentException($"The access request {id} is {now} and can't become {status}.");
            }
        }
    }

    // Under _gate.
    private void Approve(Request request)
    {
        request.Status = AccessStatus.Approved;
        request.Until = time.GetUtcNow().AddSeconds(rules!.AccessSeconds);
    }

    // Under _gate.
    private AccessStatus StatusOf(Request request) =>
        request.Status == AccessStatus.Approved && request.Until <= time.GetUtcNow() ? AccessStatus.Expired : request.Status;

    private AccessRequestDescription Describe(Request request) =>
        new(request.Id, request.InstanceId, request.Reason, request.Requester, StatusOf(request), request.Tokens);

    [GeneratedRegex("^oi-[0-9a-f]{12}$", RegexOptions.CultureInvariant)]
    private static partial Regex RequestId { get; }

    private sealed class Request(string id, string instanceId, string reason, string requester)
    {
        public string Id => id;

        public string InstanceId => instanceId;

        public string Reason => reason;

        public string Requester => requester;

        public AccessStatus Status { get; set; }

        /// <summary>When the access ends.</summary>
        public DateTimeOffset Until { get; set; }

        public int Tokens { get; set; }
    }
}
