using System.Text.Json;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>A running task of ECS.</summary>
/// <param name="Target">What StartSession takes; null while the agent of ECS Exec runs in none of its containers, or it has none.</param>
/// <param name="Group"><c>service:jump</c>, or <c>family:jump</c> for one that no service started.</param>
internal sealed record EcsTask(
    string Cluster,
    string TaskId,
    string? Target,
    string? Group,
    double StartedAt,
    string? LaunchType,
    string? NetworkInterfaceId,
    string? IPAddress,
    IReadOnlyList<Tag> Tags
)
{
    private const string ServicePrefix = "service:";

    public string? Service => Group?.StartsWith(ServicePrefix, StringComparison.Ordinal) == true ? Group[ServicePrefix.Length..] : null;

    /// <summary>Whether ECS Exec is allowed for it: it has an agent of its own then.</summary>
    public static bool HasExec(JsonElement task) => Flag(task, "enableExecuteCommand") == true;

    /// <remarks><see href="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html"/></remarks>
    public static EcsTask Read(string cluster, JsonElement task)
    {
        var id = NameOf(Text(task, "taskArn") ?? "");
        var runtimeId = Items(task, "containers")
            .Where(HasAgent)
            .Select(container => Text(container, "runtimeId"))
            .FirstOrDefault(each => each is not null);
        // Under awsvpc, which is all that Fargate has, a task has an interface of its own.
        var network = Items(task, "attachments").FirstOrDefault(attachment => Text(attachment, "type") == "ElasticNetworkInterface");
        return new(
            cluster,
            id,
            runtimeId is null ? null : $"ecs:{cluster}_{id}_{runtimeId}",
            Text(task, "group"),
            Number(task, "startedAt") ?? 0,
            Text(task, "launchType"),
            Detail(network, "networkInterfaceId"),
            Detail(network, "privateIPv4Address"),
            [.. Items(task, "tags").Select(tag => new Tag(Text(tag, "key") ?? "", Text(tag, "value") ?? ""))]
        );
    }

    /// <summary>The last part of an ARN: <c>arn:aws:ecs:eu-west-1:111122223333:cluster/production</c></summary>
    public static string NameOf(string arn) => arn[(arn.LastIndexOf('/') + 1)..];

    private static bool HasAgent(JsonElement container) =>
        Items(container, "managedAgents")
            .Any(agent => Text(agent, "name") == "ExecuteCommandAgent" && Text(agent, "lastStatus") == "RUNNING");

    private static string? Detail(JsonElement attachment, string name) =>
        Items(attachment, "details").Where(detail => Text(detail, "name") == name).Select(detail => Text(detail, "value")).FirstOrDefault();
}
