using Amazon.EC2.Model;
using Amazon.Runtime;
using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.Inventory.Listings;
using Filter = Amazon.EC2.Model.Filter;
using Tag = Amazon.EC2.Model.Tag;

namespace RdsTunnel.Aws.Instances;

/// <inheritdoc cref="IInstancePower"/>
internal sealed class InstancePower(AwsSettings settings, IdentityCredentials credentials, ServiceClients clients)
    : IInstancePower,
        IDisposable
{
    private readonly ServiceCalls _calls = new(settings, credentials, clients);

    public void Dispose() => clients.Dispose();

    public async Task<InstanceLook?> LookAsync(string instanceId, CancellationToken cancellationToken)
    {
        // By a filter rather than by id: one that does not exist is no error then.
        var request = new DescribeInstancesRequest { Filters = [new Filter("instance-id", [instanceId])] };
        var found = await _calls
            .ListAsync(
                "ec2:DescribeInstances",
                () => clients.Ec2.Paginators.DescribeInstances(request).Responses,
                page => page.Reservations?.SelectMany(reservation => reservation.Instances ?? []),
                cancellationToken
            )
            .ConfigureAwait(false);
        return found.FirstOrDefault(each => each.InstanceId == instanceId) is { } instance
            ? new InstanceLook(Ec2Network.StateOf(instance.State), LaunchTimeOf(instance), TagsOf(instance))
            : null;
    }

    public Task<bool> StartAsync(string instanceId, CancellationToken cancellationToken) =>
        SwitchAsync(
            $"ec2:StartInstances on {instanceId}",
            () => clients.Ec2.StartInstancesAsync(new StartInstancesRequest { InstanceIds = [instanceId] }, cancellationToken)
        );

    public Task<bool> StopAsync(string instanceId, CancellationToken cancellationToken) =>
        SwitchAsync(
            $"ec2:StopInstances on {instanceId}",
            () => clients.Ec2.StopInstancesAsync(new StopInstancesRequest { InstanceIds = [instanceId] }, cancellationToken)
        );

    public Task TagAsync(string instanceId, string key, string value, CancellationToken cancellationToken) =>
        _calls.CallAsync(
            $"ec2:CreateTags on {instanceId}",
            () =>
                clients.Ec2.CreateTagsAsync(
                    new CreateTagsRequest { Resources = [instanceId], Tags = [new Tag(key, value)] },
                    cancellationToken
                )
        );

    public async Task<bool> IsOnlineAsync(string instanceId, CancellationToken cancellationToken)
    {
        var request = new DescribeInstanceInformationRequest
        {
            Filters = [new InstanceInformationStringFilter { Key = "InstanceIds", Values = [instanceId] }],
        };
        var answer = await _calls
            .CallAsync("ssm:DescribeInstanceInformation", () => clients.Ssm.DescribeInstanceInformationAsync(request, cancellationToken))
            .ConfigureAwait(false);
        return answer.InstanceInformationList?.Any(each => each.InstanceId == instanceId && each.PingStatus == PingStatus.Online) ?? false;
    }

    public Task<IReadOnlyList<string>> ListSessionsAsync(string instanceId, CancellationToken cancellationToken)
    {
        var request = new DescribeSessionsRequest
        {
            State = SessionState.Active,
            Filters = [new SessionFilter { Key = SessionFilterKey.Target, Value = instanceId }],
        };
        return _calls.ListAsync(
            "ssm:DescribeSessions",
            () => clients.Ssm.Paginators.DescribeSessions(request).Responses,
            page => page.Sessions?.Select(each => each.SessionId).OfType<string>(),
            cancellationToken
        );
    }

    private async Task<bool> SwitchAsync<T>(string what, Func<Task<T>> call)
    {
        return await _calls.CallAsync(what, WithoutRefusalAsync).ConfigureAwait(false);

        async Task<bool> WithoutRefusalAsync()
        {
            try
            {
                await call().ConfigureAwait(false);
                return true;
            }
            catch (AmazonServiceException e) when (e.ErrorCode == "IncorrectInstanceState")
            {
                return false;
            }
        }
    }

    private static DateTimeOffset? LaunchTimeOf(Instance instance) =>
        instance.LaunchTime is { } at ? new DateTimeOffset(at.ToUniversalTime()) : null;

    private static Dictionary<string, string> TagsOf(Instance instance) =>
        (instance.Tags ?? []).DistinctBy(tag => tag.Key ?? "").ToDictionary(tag => tag.Key ?? "", tag => tag.Value ?? "");
}
