namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Services and tasks of ECS as jump hosts. Thread-safe.</summary>
internal sealed class EcsJumpHosts(ServiceCalls calls, TimeProvider time)
{
    /// <summary>A list takes a call for each cluster, and is asked for before each session; which
    /// task a session gets is asked anew.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    /// <summary>Where a network lets Systems Manager through and ECS not, nothing comes back: a
    /// session is not to wait for that again and again.</summary>
    private static readonly TimeSpan Missing = TimeSpan.FromMinutes(10);

    /// <summary>For the first answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private volatile Answer? _answer;

    /// <returns>One for each service, which stands for the newest of its tasks; and each task that no service started.</returns>
    public async Task<IReadOnlyList<ManagedNode>> ListAsync(bool refresh, CancellationToken cancellationToken)
    {
        if (refresh || _answer is not { } answer || answer.Until <= time.GetUtcNow())
        {
            _answer = answer = await AskAsync(cancellationToken).ConfigureAwait(false);
        }

        return answer.Failure is { } failure ? throw failure : answer.Nodes;
    }

    private async Task<Answer> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var clusters = await ClustersAsync(cancellationToken).ConfigureAwait(false);
            return new Answer(
                Nodes(await EcsTasks.ListAsync(calls, clusters, cancellationToken).ConfigureAwait(false)),
                null,
                time.GetUtcNow() + Kept
            );
        }
        catch (AwsException e)
        {
            return new Answer([], e, time.GetUtcNow() + (e.Code == AwsErrorCode.Unreachable ? Missing : Kept));
        }
    }

    private async Task<IReadOnlyList<string>> ClustersAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await EcsTasks.ListClustersAsync(calls, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AwsException(AwsErrorCode.Unreachable, $"No answer from ECS within {Patience.TotalSeconds:0} seconds.")
            {
                Action = "ecs:ListClusters",
            };
        }
    }

    private static ManagedNode[] Nodes(IReadOnlyList<EcsTask> tasks) =>
        [
            .. tasks
                .Where(task => task.Service is not null)
                .GroupBy(task => new EcsServiceTarget(task.Cluster, task.Service!))
                .Select(service => Node(service.Key.ToString(), service.Key.Service, Newest(service))),
            .. tasks.Where(task => task is { Service: null, Target: not null }).Select(task => Node(task.Target!, task.Group, task)),
        ];

    /// <summary>What StartSession takes for a service now.</summary>
    /// <exception cref="AwsException"><see cref="AwsErrorCode.TargetNotConnected"/>: no task has ECS Exec, or none is ready.</exception>
    public async Task<string> FindTaskAsync(EcsServiceTarget service, CancellationToken cancellationToken)
    {
        var tasks = await EcsTasks.ListAsync(calls, service.Cluster, service.Service, cancellationToken).ConfigureAwait(false);
        return tasks.Count > 0 && Newest(tasks).Target is { } target
            ? target
            : throw new AwsException(
                AwsErrorCode.TargetNotConnected,
                tasks.Count == 0
                    ? $"No task of the ECS service {service.Service} in cluster {service.Cluster} runs with ECS Exec. Enable it (enableExecuteCommand) and deploy the service anew."
                    : $"ECS Exec isn't running in any task of the ECS service {service.Service} in cluster {service.Cluster}. If the task has just started, wait a moment; otherwise check its task role."
            );
    }

    // A deployment ends the older ones first.
    private static EcsTask Newest(IEnumerable<EcsTask> tasks) =>
        tasks.OrderByDescending(task => task.Target is not null).ThenByDescending(task => task.StartedAt).First();

    private static ManagedNode Node(string target, string? name, EcsTask task) =>
        new(target, task.Target is not null, name, AgentVersion: null, task.LaunchType == "FARGATE" ? "Fargate" : "ECS", task.IPAddress)
        {
            NetworkInterfaceId = task.NetworkInterfaceId,
            Tags = task.Tags,
            IsTask = true,
        };

    private sealed record Answer(IReadOnlyList<ManagedNode> Nodes, AwsException? Failure, DateTimeOffset Until);
}
