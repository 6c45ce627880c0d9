using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Amazon.SecurityToken.Model;
using Amazon.SimpleSystemsManagement;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.Endpoints;
using RdsTunnel.Faults;
using Filter = Amazon.EC2.Model.Filter;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <inheritdoc cref="IInventory"/>
internal sealed class RegionalInventory(AwsSettings settings, IdentityCredentials credentials, ServiceClients clients, TimeProvider time)
    : IInventory,
        IDisposable
{
    /// <summary>As many values as a filter of EC2 takes.</summary>
    private const int FilterValues = 200;

    /// <summary>Systems Manager gives no more.</summary>
    private const int SsmPageSize = 50;

    /// <summary>Secrets Manager gives no more.</summary>
    private const int SecretsPageSize = 100;

    /// <summary>More than anyone scrolls through; others are found by their name.</summary>
    private const int MaxSecrets = 2_000;

    internal static readonly ServiceDescription SecretsManager = new(
        "Secrets Manager",
        "secretsmanager",
        "secretsmanager",
        "2017-10-17",
        "secretsmanager"
    )
    {
        IsPlainHostDualStack = true,
    };

    /// <summary>A token that is made now may be used a moment later.</summary>
    private static readonly TimeSpan TokenMargin = TimeSpan.FromMinutes(1);

    private readonly ServiceCalls _calls = new(settings, credentials, clients);
    private readonly EcsJumpHosts _tasks = new(new ServiceCalls(settings, credentials, clients), time);

    public string Region => settings.Region;

    public IReadOnlyList<ListingName> DatabaseListings { get; } =
    [.. DatabaseListing.All.Select(listing => new ListingName(listing.Name, listing.IsEverywhere))];

    public void Dispose() => clients.Dispose();

    public Task<CallerIdentity> GetIdentityAsync(CancellationToken cancellationToken) =>
        _calls.CallAsync(
            "sts:GetCallerIdentity",
            async () =>
            {
                var identity = await clients
                    .Sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), cancellationToken)
                    .ConfigureAwait(false);
                return new CallerIdentity(identity.Account ?? "", identity.Arn ?? "");
            }
        );

    public async IAsyncEnumerable<IReadOnlyList<Database>> ListDatabasesAsync(
        string listing,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var wanted = DatabaseListing.All.Single(each => each.Name == listing);
        await foreach (var page in wanted.ReadAsync(_calls, cancellationToken).ConfigureAwait(false))
        {
            yield return [.. page.Where(database => database.Port > 0).Select(database => database with { Profile = settings.Profile })];
        }
    }

    public Task<string?> FindWriterAsync(string host, CancellationToken cancellationToken) =>
        ClusterWriter.FindAsync(_calls, host, cancellationToken);

    public Task<IReadOnlyList<ManagedNode>> ListManagedNodesAsync(CancellationToken cancellationToken) =>
        _calls.ListAsync(
            "ssm:DescribeInstanceInformation",
            () => clients.Ssm.Paginators.DescribeInstanceInformation(new() { MaxResults = SsmPageSize }).Responses,
            page =>
                page.InstanceInformationList?.Select(node => new ManagedNode(
                    node.InstanceId ?? "",
                    node.PingStatus == PingStatus.Online,
                    node.Name ?? node.ComputerName,
                    node.AgentVersion,
                    node.PlatformName,
                    node.IPAddress
                )),
            cancellationToken
        );

    public Task<IReadOnlyList<ManagedNode>> ListTasksAsync(bool refresh, CancellationToken cancellationToken) =>
        _tasks.ListAsync(refresh, cancellationToken);

    public Task<string> FindTaskAsync(EcsServiceTarget service, CancellationToken cancellationToken) =>
        _tasks.FindTaskAsync(service, cancellationToken);

    public Task<IReadOnlyList<NetworkInterface>> ListInterfacesAsync(
        IReadOnlyList<string> interfaceIds,
        CancellationToken cancellationToken
    ) =>
        FilteredAsync(
            "ec2:DescribeNetworkInterfaces",
            "network-interface-id",
            interfaceIds,
            filters => clients.Ec2.Paginators.DescribeNetworkInterfaces(new() { Filters = filters }).Responses,
            page => page.NetworkInterfaces?.Select(Ec2Network.Interface),
            cancellationToken
        );

    public Task<IReadOnlyList<Ec2Instance>> ListInstancesAsync(IReadOnlyList<string> instanceIds, CancellationToken cancellationToken) =>
        FilteredAsync(
            "ec2:DescribeInstances",
            "instance-id",
            instanceIds,
            filters => clients.Ec2.Paginators.DescribeInstances(new() { Filters = filters }).Responses,
            page => page.Reservations?.SelectMany(reservation => reservation.Instances ?? []).Select(Ec2Network.Instance),
            cancellationToken
        );

    public Task<IReadOnlyList<Ec2Instance>> ListStoppedInstancesAsync(string vpcId, CancellationToken cancellationToken)
    {
        List<Filter> filters = [new Filter("vpc-id", [vpcId]), new Filter("instance-state-name", ["stopped"])];
        return _calls.ListAsync(
            "ec2:DescribeInstances",
            () => clients.Ec2.Paginators.DescribeInstances(new() { Filters = filters }).Responses,
            page => page.Reservations?.SelectMany(reservation => reservation.Instances ?? []).Select(Ec2Network.Instance),
            cancellationToken
        );
    }

    public Task<IReadOnlyList<SecurityGroup>> ListSecurityGroupsAsync(
        IReadOnlyList<string> groupIds,
        CancellationToken cancellationToken
    ) =>
        FilteredAsync(
            "ec2:DescribeSecurityGroups",
            "group-id",
            groupIds,
            filters => clients.Ec2.Paginators.DescribeSecurityGroups(new() { Filters = filters }).Responses,
            page => page.SecurityGroups?.Select(Ec2Network.SecurityGroup),
            cancellationToken
        );

    public Task<IReadOnlyList<VpcPeering>> ListPeeringsAsync(CancellationToken cancellationToken) =>
        FilteredAsync(
            "ec2:DescribeVpcPeeringConnections",
            "status-code",
            ["active"],
            filters => clients.Ec2.Paginators.DescribeVpcPeeringConnections(new() { Filters = filters }).Responses,
            page => page.VpcPeeringConnections?.Select(Ec2Network.Peering),
            cancellationToken
        );

    public Task<IReadOnlyList<Vpc>> ListVpcsAsync(CancellationToken cancellationToken) =>
        FilteredAsync(
            "ec2:DescribeVpcs",
            "state",
            ["available"],
            filters => clients.Ec2.Paginators.DescribeVpcs(new() { Filters = filters }).Responses,
            page => page.Vpcs?.Select(Ec2Network.Vpc),
            cancellationToken
        );

    public Task<IReadOnlyList<string>> ListPrefixListAsync(string prefixListId, CancellationToken cancellationToken) =>
        _calls.ListAsync(
            "ec2:GetManagedPrefixListEntries",
            () => clients.Ec2.Paginators.GetManagedPrefixListEntries(new() { PrefixListId = prefixListId }).Responses,
            page => page.Entries?.Select(entry => entry.Cidr).OfType<string>(),
            cancellationToken
        );

    public async Task<IReadOnlyList<SecretName>> ListSecretsAsync(CancellationToken cancellationToken)
    {
        var call = new DocumentCall("ListSecrets") { Parameters = [("MaxResults", JsonValue.Create(SecretsPageSize))] };
        return await _calls
            .DocumentPagesAsync(SecretsManager, call, "NextToken", cancellationToken)
            .SelectMany(page => JsonFields.Items(page, "SecretList"))
            .Where(secret => JsonFields.Text(secret, "ARN") is not null)
            .Select(secret => new SecretName(
                JsonFields.Text(secret, "ARN")!,
                JsonFields.Text(secret, "Name") ?? "",
                JsonFields.Text(secret, "Description")
            ))
            .Take(MaxSecrets)
            .ToListAsync(cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task<DatabaseSecret> ReadSecretAsync(string secretId, CancellationToken cancellationToken)
    {
        var call = new DocumentCall("GetSecretValue") { Parameters = [("SecretId", JsonValue.Create(secretId))] };
        return DatabaseSecret.Parse(
            secretId,
            JsonFields.Text(await _calls.DocumentAsync(SecretsManager, call, cancellationToken).ConfigureAwait(false), "SecretString")
        );
    }

    public async Task<IamToken> CreateIamTokenAsync(
        DatabaseService service,
        string host,
        int port,
        string user,
        CancellationToken cancellationToken
    )
    {
        // A token whose credentials end is refused, however long it says that it is good for.
        var lease = await credentials
            .GetLeaseAsync(DatabaseToken.Lifetime + TokenMargin)
            .WaitOrLeaveAsync(cancellationToken)
            .ConfigureAwait(false);
        var token = DatabaseToken.Create(
            lease.Credentials,
            service,
            settings.Region,
            host,
            port,
            user,
            DatabaseEndpoint.Of(host)?.Cache,
            time
        );
        return lease.ExpiresAt < token.ExpiresAt ? token with { ExpiresAt = lease.ExpiresAt } : token;
    }

    // By a filter rather than by ids: one that does not exist is no error then.
    private async Task<IReadOnlyList<T>> FilteredAsync<TPage, T>(
        string what,
        string filter,
        IReadOnlyList<string> values,
        Func<List<Filter>, IAsyncEnumerable<TPage>> pages,
        Func<TPage, IEnumerable<T>?> read,
        CancellationToken cancellationToken
    )
    {
        var found = new List<T>();
        foreach (var chunk in values.Distinct().Chunk(FilterValues))
        {
            found.AddRange(
                await _calls.ListAsync(what, () => pages([new Filter(filter, [.. chunk])]), read, cancellationToken).ConfigureAwait(false)
            );
        }

        return found;
    }
}
