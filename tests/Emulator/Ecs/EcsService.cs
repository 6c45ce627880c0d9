using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.AwsJson.JsonPage;

namespace RdsTunnel.Emulator.Ecs;

/// <summary>The calls of ECS by which tasks are found that take sessions.</summary>
internal sealed class EcsService(IReadOnlyList<EmulatedInstance> instances) : IAwsJsonService
{
    private const int MaxTasks = 100;

    public string TargetPrefix => "AmazonEC2ContainerServiceV20141113";

    public string SigningName => "ecs";

    public JsonObject Call(string operation, JsonObject input, EmulatedCredential caller, string region, Uri address) =>
        operation switch
        {
            "ListClusters" => Page(input, "clusterArns", Clusters(region).Select(cluster => Arn(region, "cluster", cluster))),
            "ListTasks" => ListTasks(input, region),
            "DescribeTasks" => DescribeTasks(input, region),
            _ => throw new ServiceException("UnknownOperationException", ""),
        };

    /// <summary>A task's own: <c>eni-</c>, and its id.</summary>
    public static string InterfaceOf(EmulatedInstance task) => $"eni-{TaskIdOf(task)}";

    private JsonObject ListTasks(JsonObject input, string region)
    {
        var cluster = Cluster(input, region);
        var service = (string?)input["serviceName"];
        if ((string?)input["desiredStatus"] is not (null or "RUNNING" or "STOPPED" or "PENDING"))
        {
            throw new ServiceException("InvalidParameterException", "Invalid desiredStatus.");
        }

        var tasks = In(region, cluster).ToList();
        return service is not null && !tasks.Exists(task => task.Task!.Service == service)
            ? throw new ServiceException("ServiceNotFoundException", "Service not found.")
            : Page(
                input,
                "taskArns",
                tasks
                    .Where(task => (string?)input["desiredStatus"] != "STOPPED" && (service is null || task.Task!.Service == service))
                    .Select(task => TaskArn(task, region))
            );
    }

    private JsonObject DescribeTasks(JsonObject input, string region)
    {
        var cluster = Cluster(input, region);
        if (input["tasks"] is not JsonArray { Count: > 0 and <= MaxTasks } wanted)
        {
            throw new ServiceException("InvalidParameterException", "Tasks must have 1 to 100 entries.");
        }

        var withTags = (input["include"] as JsonArray ?? []).Any(each => (string?)each == "TAGS");
        var known = In(region, cluster).ToDictionary(task => TaskArn(task, region));
        var arns = wanted.Select(each => (string)each!).ToList();
        return new JsonObject
        {
            ["tasks"] = new JsonArray([.. arns.Where(known.ContainsKey).Select(arn => Describe(known[arn], region, withTags))]),
            ["failures"] = new JsonArray([
                .. arns.Where(arn => !known.ContainsKey(arn)).Select(arn => new JsonObject { ["arn"] = arn, ["reason"] = "MISSING" }),
            ]),
        };
    }

    private static JsonObject Describe(EmulatedInstance instance, string region, bool withTags)
    {
        var task = instance.Task!;
        var container = new JsonObject
        {
            ["name"] = "main",
            ["lastStatus"] = "RUNNING",
            ["runtimeId"] = instance.InstanceId.Split('_')[^1],
            ["networkInterfaces"] = new JsonArray(new JsonObject { ["privateIpv4Address"] = instance.IPAddress }),
        };
        if (task.HasExec)
        {
            container["managedAgents"] = new JsonArray(
                new JsonObject { ["name"] = "ExecuteCommandAgent", ["lastStatus"] = instance.IsOnline ? "RUNNING" : "PENDING" }
            );
        }

        return new JsonObject
        {
            ["taskArn"] = TaskArn(instance, region),
            ["clusterArn"] = Arn(region, "cluster", task.Cluster),
            ["group"] = task.Service is { } service ? $"service:{service}" : "family:main",
            ["enableExecuteCommand"] = task.HasExec,
            ["launchType"] = task.LaunchType,
            ["desiredStatus"] = "RUNNING",
            ["lastStatus"] = "RUNNING",
            ["startedAt"] = task.StartedAt,
            ["containers"] = new JsonArray(container),
            ["attachments"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "ElasticNetworkInterface",
                    ["status"] = "ATTACHED",
                    ["details"] = new JsonArray(
                        Detail("subnetId", "subnet-0b"),
                        Detail("networkInterfaceId", InterfaceOf(instance)),
                        Detail("macAddress", "0a:00:00:00:00:01"),
                        Detail("privateIPv4Address", instance.IPAddress)
                    ),
                }
            ),
            // Asked for or not, they are a list.
            ["tags"] = new JsonArray([
                .. instance.Tags.Where(_ => withTags).Select(tag => new JsonObject { ["key"] = tag.Key, ["value"] = tag.Value }),
            ]),
        };
    }

    private static JsonObject Detail(string name, string value) => new() { ["name"] = name, ["value"] = value };

    private IEnumerable<EmulatedInstance> In(string region, string cluster) =>
        instances.Where(each => each.Task?.Cluster == cluster && each.IsIn(region));

    private IEnumerable<string> Clusters(string region) =>
        instances.Where(each => each.Task is not null && each.IsIn(region)).Select(each => each.Task!.Cluster).Distinct();

    private string Cluster(JsonObject input, string region)
    {
        var name = (string?)input["cluster"] ?? "default";
        return Clusters(region).Contains(name) ? name : throw new ServiceException("ClusterNotFoundException", "Cluster not found.");
    }

    private static string TaskIdOf(EmulatedInstance task) => task.InstanceId.Split('_')[^2];

    private static string TaskArn(EmulatedInstance task, string region) => Arn(region, "task", $"{task.Task!.Cluster}/{TaskIdOf(task)}");

    private static string Arn(string region, string kind, string name) => $"arn:aws:ecs:{region}:{Account}:{kind}/{name}";

    private static JsonObject Page(JsonObject input, string list, IEnumerable<string> arns)
    {
        // A page of texts, by way of one of objects.
        var page = Of(
            arns.Select(arn => new JsonObject { ["arn"] = arn }),
            list,
            (int?)input["maxResults"],
            (string?)input["nextToken"],
            "nextToken"
        );
        page[list] = Texts(page[list]!.AsArray().Select(each => (string)each!["arn"]!));
        return page;
    }
}
