using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Amazon.SecretsManager.Model;
using Amazon.SimpleSystemsManagement.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.Inventory.Listings;

namespace RdsTunnel.Aws.Inventory;

/// <inheritdoc cref="IInventory"/>
internal sealed class Inventory(AwsSettings settings, IdentityCredentials credentials, ServiceClients clients, TimeProvider time) : IInventory, IDisposable
{
    /// <summary>As many values as a filter of EC2 takes.</summary>
    private const int FilterValues = 200;

    /// <summary>Systems Manager gives no more.</summary>
    private const int SsmPageSize = 50;

    private static readonly ServiceDescription Sts = new("STS", "sts", "sts", "2011-06-15", "");

    private static readonly ServiceDescription Ec2 = new("EC2", "ec2", "ec2", "2016-11-15", "");

    private readonly ServiceCalls _calls = new(settings, credentials, clients);

    public string Region => settings.Region;

    public IReadOnlyList<ListingName> DatabaseListings { get; } = [.. DatabaseListing.All.Select(listing => new ListingName(listing.Name, listing.IsEverywhere))];

    public void Dispose() => clients.Dispose();

    public async Task<CallerIdentity> GetIdentityAsync(CancellationToken cancellationToken)
    {
        var identity = await _calls.QueryAsync(Sts, "GetCallerIdentity", [], cancellationToken).ConfigureAwait(false);
        return new CallerIdentity(identity.Element("Account")?.Value ?? "", identity.Element("Arn")?.Value ?? "");
    }

    public async IAsyncEnumerable<IReadOnlyList<Database>> ListDatabasesAsync(
        string listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = DatabaseListing.All.Single(each => each.Name == listing);
        await foreach (var page in wanted.ReadAsync(_calls, cancellationToken).ConfigureAwait(false))
        {
            yield return [.. page.Where(database => database.Port > 0).Select(database => database with { Profile = settings.Profile })];
        }
    }

    public Task<IReadOnlyList<ManagedNode>> ListManagedNodesAsync(CancellationToken cancellationToken) => _calls.CallAsync<IReadOnlyList<ManagedNode>>(
        "ssm:DescribeInstanceInformation",
        async () =>
        {
            var nodes = new List<ManagedNode>();
            await foreach (var node in clients.Ssm.Paginators.DescribeInstanceInformation(new DescribeInstanceInformationRequest { MaxResults = SsmPageSize })
                .InstanceInformationList.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                nodes.Add(new ManagedNode(
                    node.InstanceId ?? "", node.PingStatus == "Online", node.Name ?? node.ComputerName, node.AgentVersion, node.PlatformName, node.IPAddress));
            }

            return nodes;
        });

    public Task<IReadOnlyList<Ec2Instance>> ListInstancesAsync(IReadOnlyList<string> instanceIds, CancellationToken cancellationToken) =>
        FilteredAsync("DescribeInstances", "instance-id", instanceIds, Ec2Answers.Instances, cancellationToken);

    public Task<IReadOnlyList<SecurityGroup>> ListSecurityGroupsAsync(IReadOnlyList<string> groupIds, CancellationToken cancellationToken) =>
        FilteredAsync("DescribeSecurityGroups", "group-id", groupIds, Ec2Answers.SecurityGroups, cancellationToken);

    public Task<IReadOnlyList<VpcPeering>> ListPeeringsAsync(CancellationToken cancellationToken) =>
        FilteredAsync("DescribeVpcPeeringConnections", "status-code", ["active"], Ec2Answers.Peerings, cancellationToken);

    public Task<IReadOnlyList<Vpc>> ListVpcsAsync(CancellationToken cancellationToken) =>
        FilteredAsync("DescribeVpcs", "state", ["available"], Ec2Answers.Vpcs, cancellationToken);

    public async Task<IReadOnlyList<string>> ListPrefixListAsync(string prefixListId, CancellationToken cancellationToken)
    {
        var blocks = new List<string>();
        await foreach (var page in _calls.QueryPagesAsync(Ec2, "GetManagedPrefixListEntries", "NextToken", [new("PrefixListId", prefixListId)], cancellationToken).ConfigureAwait(false))
        {
            blocks.AddRange(Ec2Answers.PrefixListEntries(page));
        }

        return blocks;
    }

    public Task<DatabaseSecret> ReadSecretAsync(string secretId, CancellationToken cancellationToken) => _calls.CallAsync(
        "secretsmanager:GetSecretValue",
        async () => DatabaseSecret.Parse(
            secretId, (await clients.SecretsManager.GetSecretValueAsync(new GetSecretValueRequest { SecretId = secretId }, cancellationToken).ConfigureAwait(false)).SecretString));

    public async Task<IamToken> CreateIamTokenAsync(DatabaseService service, string host, int port, string user, CancellationToken cancellationToken) =>
        DatabaseToken.Create(await credentials.GetCredentialsAsync().WaitAsync(cancellationToken).ConfigureAwait(false), service, settings.Region, host, port, user, time);

    // By a filter rather than by ids: one that does not exist is no error then.
    private async Task<IReadOnlyList<T>> FilteredAsync<T>(
        string action, string filter, IReadOnlyList<string> values, Func<XElement, IEnumerable<T>> read, CancellationToken cancellationToken)
    {
        var found = new List<T>();
        foreach (var chunk in values.Distinct().Chunk(FilterValues))
        {
            var parameters = chunk.Select((value, i) => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"Filter.1.Value.{i + 1}"), value))
                .Prepend(new("Filter.1.Name", filter));
            await foreach (var page in _calls.QueryPagesAsync(Ec2, action, "NextToken", [.. parameters], cancellationToken).ConfigureAwait(false))
            {
                found.AddRange(read(page));
            }
        }

        return found;
    }
}
