using System.Text.Json.Nodes;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Running tasks of ECS that have ECS Exec. Their agent is that of Systems Manager, which lists none of them.</summary>
internal static class EcsTasks
{
    private static readonly ServiceDescription Service = new("ECS", "ecs", "ecs", "2014-11-13", "AmazonEC2ContainerServiceV20141113");

    /// <summary>As many as one call takes.</summary>
    private const int PageSize = 100;

    /// <summary>Clusters that are looked through: who has more names a target.</summary>
    private const int MaxClusters = 100;

    /// <summary>Tasks of a cluster that are looked at.</summary>
    private const int MaxTasks = 1_000;

    /// <summary>Calls side by side: the service throttles.</summary>
    private const int AtOnce = 8;

    public static async Task<IReadOnlyList<string>> ListClustersAsync(ServiceCalls calls, CancellationToken cancellationToken) =>
        await calls
            .DocumentPagesAsync(
                Service,
                new DocumentCall("ListClusters") { Parameters = [("maxResults", JsonValue.Create(PageSize))] },
                "nextToken",
                cancellationToken
            )
            .SelectMany(page => Texts(page, "clusterArns"))
            .Take(MaxClusters)
            .Select(EcsTask.NameOf)
            .ToListAsync(cancellationToken)
            .ConfigureAwait(false);

    public static async Task<IReadOnlyList<EcsTask>> ListAsync(
        ServiceCalls calls,
        IReadOnlyList<string> clusters,
        CancellationToken cancellationToken
    )
    {
        var tasks = new List<EcsTask>();
        await Parallel
            .ForEachAsync(
                clusters,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (cluster, token) =>
                {
                    var found = await ListAsync(calls, cluster, service: null, token).ConfigureAwait(false);
                    lock (tasks)
                    {
                        tasks.AddRange(found);
                    }
                }
            )
            .ConfigureAwait(false);
        return tasks;
    }

    /// <param name="service">Null for all tasks of the cluster.</param>
    public static async Task<IReadOnlyList<EcsTask>> ListAsync(
        ServiceCalls calls,
        string cluster,
        string? service,
        CancellationToken cancellationToken
    )
    {
        List<(string Name, JsonNode Value)> filter =
        [
            ("cluster", JsonValue.Create(cluster)),
            ("desiredStatus", JsonValue.Create("RUNNING")),
            ("maxResults", JsonValue.Create(PageSize)),
        ];
        if (service is not null)
        {
            filter.Add(("serviceName", JsonValue.Create(service)));
        }

        var arns = await calls
            .DocumentPagesAsync(Service, new DocumentCall("ListTasks") { Parameters = filter }, "nextToken", cancellationToken)
            .SelectMany(page => Texts(page, "taskArns"))
            .Take(MaxTasks)
            .ToListAsync(cancellationToken)
            .ConfigureAwait(false);
        var tasks = new List<EcsTask>();
        foreach (var some in arns.Chunk(PageSize))
        {
            var call = new DocumentCall("DescribeTasks")
            {
                Parameters =
                [
                    ("cluster", JsonValue.Create(cluster)),
                    ("tasks", new JsonArray([.. some.Select(arn => JsonValue.Create(arn))])),
                    ("include", new JsonArray("TAGS")),
                ],
            };
            var answer = await calls.DocumentAsync(Service, call, cancellationToken).ConfigureAwait(false);
            tasks.AddRange(Items(answer, "tasks").Where(EcsTask.HasExec).Select(task => EcsTask.Read(cluster, task)));
        }

        return tasks;
    }
}
