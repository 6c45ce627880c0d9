using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Ec2;
using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Emulator.NodeAccess;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.Wire;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Ssm;

/// <summary>The calls of AWS Systems Manager that port sessions need.</summary>
/// <param name="startSession">Makes a session of a caller in a region, and starts its agent.</param>
internal sealed class SsmService(
    SessionRegistry sessions,
    IReadOnlyList<EmulatedInstance> instances,
    InstancePowers powers,
    SessionDocuments documents,
    AccessRequests accesses,
    Func<EmulatedCredential, string, EmulatedInstance, string, PortSessionProperties, string?, EmulatedSession> startSession
) : IAwsJsonService
{
    private const int DefaultPageSize = 50;
    private const int MaxReasonLength = 256;

    public string TargetPrefix => "AmazonSSM";

    public string SigningName => "ssm";

    public JsonObject Call(string operation, JsonObject input, EmulatedCredential caller, string region, Uri address) =>
        operation switch
        {
            "StartSession" => StartSession(input, caller, region, address),
            "ResumeSession" => ResumeSession(input, caller, address),
            "TerminateSession" => TerminateSession(input, caller),
            "StartAccessRequest" => StartAccessRequest(input, caller, region),
            "GetAccessToken" => GetAccessToken(input, caller),
            "DescribeInstanceInformation" => DescribeInstanceInformation(input, region),
            "DescribeSessions" => DescribeSessions(input),
            "GetDocument" => documents.Get(input, caller, region),
            "DescribeDocument" => documents.Describe(input, caller, region),
            _ => throw new ServiceException("UnknownOperationException", ""),
        };

    private JsonObject StartSession(JsonObject input, EmulatedCredential caller, string region, Uri address)
    {
        var target = Required(input, "Target");
        var reason = Text(input, "Reason");
        RequireLength(reason);
        var document = Text(input, "DocumentName") ?? "SSM-SessionManagerRunShell";
        if (caller.Grant is { } grant && (grant.InstanceId != target || !grant.Documents.Contains(document)))
        {
            throw Denied(caller, "ssm:StartSession", grant.InstanceId == target ? $"document/{document}" : $"instance/{target}");
        }

        var properties = documents.Start(document, input["Parameters"], caller, region);
        var instance = instances.FirstOrDefault(instance => instance.InstanceId == target && instance.IsIn(region));
        if (instance is not { Task: null or { HasExec: true } } || !powers.IsOnline(instance))
        {
            throw new ServiceException("TargetNotConnected", $"{target} is not connected.");
        }

        return Access(startSession(caller, region, instance, document, properties, reason), address);
    }

    private JsonObject ResumeSession(JsonObject input, EmulatedCredential caller, Uri address)
    {
        var id = Required(input, "SessionId");
        if (sessions.Find(id) is not { } session)
        {
            throw new ServiceException("DoesNotExistException", $"Session {id} does not exist.");
        }

        RequireOwn(session, caller, "ssm:ResumeSession");

        session.Faults.ThrowIfResumeRefused();

        // The token of a session that is over is left out; the call succeeds.
        return session.EndedWith is null ? Access(session, address) : new JsonObject { ["SessionId"] = id };
    }

    private JsonObject TerminateSession(JsonObject input, EmulatedCredential caller)
    {
        var id = Required(input, "SessionId");
        if (sessions.Find(id) is { } session)
        {
            RequireOwn(session, caller, "ssm:TerminateSession");
            session.End(SessionEndReason.Terminated, "");
        }

        return new JsonObject { ["SessionId"] = id };
    }

    private JsonObject StartAccessRequest(JsonObject input, EmulatedCredential caller, string region)
    {
        var reason = Required(input, "Reason");
        RequireLength(reason);
        // AWS documents other keys, for other calls.
        if (Filters(input, "Targets", "Key", "Values").ToList() is not [("InstanceIds", [var target])])
        {
            throw new ServiceException("ValidationException", "Targets must have the key InstanceIds and one node.");
        }

        if (!instances.Any(each => each.InstanceId == target && each.Task is null && each.IsIn(region)))
        {
            throw new ServiceException("ResourceNotFoundException", $"The node {target} does not exist.");
        }

        return new JsonObject { ["AccessRequestId"] = accesses.Start(target, reason, caller) };
    }

    private JsonObject GetAccessToken(JsonObject input, EmulatedCredential caller)
    {
        var (status, credentials) = accesses.GetToken(Required(input, "AccessRequestId"), caller);
        var answer = new JsonObject { ["AccessRequestStatus"] = status.ToString() };
        if (credentials is not null)
        {
            answer["Credentials"] = new JsonObject
            {
                ["AccessKeyId"] = credentials.AccessKeyId,
                ["SecretAccessKey"] = credentials.SecretAccessKey,
                ["SessionToken"] = credentials.SessionToken,
                ["ExpirationTime"] = credentials.ExpiresAt!.Value.ToUnixTimeMilliseconds() / 1000.0,
            };
        }

        return answer;
    }

    private static void RequireOwn(EmulatedSession session, EmulatedCredential caller, string action)
    {
        if (caller.Grant is { } grant && grant.RequestId != session.AccessRequestId)
        {
            throw Denied(caller, action, $"session/{session.Id}");
        }
    }

    private static ServiceException Denied(EmulatedCredential caller, string action, string resource) =>
        new(
            "AccessDeniedException",
            $"User: {caller.Arn} is not authorized to perform: {action} on resource: {resource} because no session policy allows the {action} action"
        );

    private static void RequireLength(string? reason)
    {
        if (reason is { Length: > MaxReasonLength or 0 })
        {
            throw new ServiceException(
                "ValidationException",
                "1 validation error detected: Value at 'reason' failed to satisfy constraint: Member must have length between 1 and 256"
            );
        }
    }

    private JsonObject DescribeInstanceInformation(JsonObject input, string region)
    {
        var filters = Filters(input, "Filters", "Key", "Values")
            .Concat(Filters(input, "InstanceInformationFilterList", "key", "valueSet"))
            .ToList();
        var matching = instances.Where(instance =>
            instance.IsIn(region)
            && instance.Task is null
            && powers.IsListed(instance)
            && filters.All(filter =>
                filter.Key switch
                {
                    "InstanceIds" => filter.Values.Contains(instance.InstanceId),
                    "PingStatus" => filter.Values.Contains(PingStatus(instance)),
                    "ResourceType" => filter.Values.Contains(ResourceType(instance)),
                    "PlatformTypes" => filter.Values.Contains(instance.PlatformType),
                    "AgentVersion" => filter.Values.Contains(instance.AgentVersion),
                    _ => throw new ServiceException("InvalidFilterKey", $"The filter key {filter.Key} is not valid."),
                }
            )
        );
        return Page(input, "InstanceInformationList", matching, Describe);
    }

    private JsonObject DescribeSessions(JsonObject input)
    {
        var active = Required(input, "State") == "Active";
        var filters = Filters(input, "Filters", "key", "value").ToList();
        var matching = sessions
            .All.Reverse()
            .Where(session =>
                (session.EndedWith is null) == active
                && filters.All(filter =>
                    filter.Key switch
                    {
                        "Target" => filter.Values.Contains(session.Instance.InstanceId),
                        "SessionId" => filter.Values.Contains(session.Id),
                        _ => throw new ServiceException("InvalidFilterKey", $"The filter key {filter.Key} is not valid."),
                    }
                )
            );
        return Page(input, "Sessions", matching, Describe);
    }

    private static JsonObject Access(EmulatedSession session, Uri address) =>
        new()
        {
            ["SessionId"] = session.Id,
            ["StreamUrl"] = DataChannelEndpoint.StreamUrl(address, session),
            ["TokenValue"] = session.Tokens.Issue(RelaySide.Client),
        };

    private JsonObject Describe(EmulatedInstance instance) =>
        new()
        {
            ["InstanceId"] = instance.InstanceId,
            ["PingStatus"] = PingStatus(instance),
            ["AgentVersion"] = instance.AgentVersion,
            ["PlatformType"] = instance.PlatformType,
            ["PlatformName"] = instance.PlatformName,
            ["ResourceType"] = ResourceType(instance),
            ["IPAddress"] = instance.IPAddress,
            ["ComputerName"] = instance.Name,
        };

    private static JsonObject Describe(EmulatedSession session)
    {
        var description = new JsonObject
        {
            ["SessionId"] = session.Id,
            ["Target"] = session.Instance.InstanceId,
            ["Status"] = session.EndedWith is null
                ? session.IsClientConnected
                    ? "Connected"
                    : "Connecting"
                : "Terminated",
            ["StartDate"] = session.StartedAt.ToUnixTimeMilliseconds() / 1000.0,
            ["DocumentName"] = session.DocumentName,
        };
        if (session.Reason is { } reason)
        {
            description["Reason"] = reason;
        }

        if (session.EndedWith is { } end)
        {
            description["EndDate"] = end.EndedAt.ToUnixTimeMilliseconds() / 1000.0;
        }

        return description;
    }

    private string PingStatus(EmulatedInstance instance) => powers.IsOnline(instance) ? "Online" : "ConnectionLost";

    private static string ResourceType(EmulatedInstance instance) =>
        instance.InstanceId.StartsWith("mi-", StringComparison.Ordinal) ? "ManagedInstance" : "EC2Instance";

    private static JsonObject Page<T>(JsonObject input, string listName, IEnumerable<T> items, Func<T, JsonObject> describe)
    {
        var pageSize = PageSize(input);
        if (!int.TryParse(Text(input, "NextToken") ?? "0", out var start) || start < 0)
        {
            throw new ServiceException("InvalidNextToken", "The specified token is not valid.");
        }

        var page = items.Skip(start).Take(pageSize + 1).ToList();
        var output = new JsonObject { [listName] = new JsonArray([.. page.Take(pageSize).Select(describe)]) };
        if (page.Count > pageSize)
        {
            output["NextToken"] = $"{start + pageSize}";
        }

        return output;
    }

    private static IEnumerable<(string Key, List<string> Values)> Filters(JsonObject input, string list, string key, string values) =>
        (input[list] as JsonArray ?? [])
            .OfType<JsonObject>()
            .Select(filter =>
                (
                    Required(filter, key),
                    filter[values] switch
                    {
                        JsonArray several => several.Select(TextOf).ToList(),
                        JsonValue one => [TextOf(one)],
                        _ => [],
                    }
                )
            );

    private static int PageSize(JsonObject input) =>
        input["MaxResults"] switch
        {
            null => DefaultPageSize,
            JsonValue value when value.TryGetValue(out int size) && size > 0 => size,
            _ => throw new ServiceException("ValidationException", "MaxResults must be a number above 0."),
        };

    private static string? Text(JsonObject input, string name) => input[name] is { } value ? TextOf(value) : null;

    private static string TextOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text)
            ? text
            : throw new ServiceException("SerializationException", "A string was expected.");

    private static string Required(JsonObject input, string name) =>
        Text(input, name) is { Length: > 0 } text
            ? text
            : throw new ServiceException(
                "ValidationException",
                $"1 validation error detected: Value null at '{char.ToLowerInvariant(name[0])}{name[1..]}' failed to satisfy constraint: Member must not be null"
            );
}
