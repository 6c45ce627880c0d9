using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml;
using System.Xml.Linq;
using Amazon.Runtime;
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

    /// <summary>Far more than an account has: it only ends an answer that goes round in circles.</summary>
    private const int MaxPages = 500;

    private static readonly ServiceDescription Sts = new("STS", "sts", "sts", "2011-06-15", "");

    private static readonly ServiceDescription Ec2 = new("EC2", "ec2", "ec2", "2016-11-15", "");

    public string Region => settings.Region;

    public IReadOnlyList<string> DatabaseListings { get; } = [.. DatabaseListing.All.Select(listing => listing.Name)];

    public void Dispose() => clients.Dispose();

    public async Task<CallerIdentity> GetIdentityAsync(CancellationToken cancellationToken)
    {
        var identity = await CallAsync(
            "sts:GetCallerIdentity", () => clients.Query(Sts).CallAsync("GetCallerIdentity", [], cancellationToken)).ConfigureAwait(false);
        return new CallerIdentity(identity.Element("Account")?.Value ?? "", identity.Element("Arn")?.Value ?? "");
    }

    public async IAsyncEnumerable<IReadOnlyList<Database>> ListDatabasesAsync(
        string listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = DatabaseListing.All.Single(each => each.Name == listing);
        KeyValuePair<string, string>[] parameters = [new(wanted.Page.Parameter, wanted.Page.Size.ToString(CultureInfo.InvariantCulture)), .. wanted.Parameters];
        await foreach (var page in PagesAsync(wanted.Service, wanted.Action, wanted.Marker, parameters, cancellationToken).ConfigureAwait(false))
        {
            yield return
            [
                .. page.Elements(wanted.Path.List).Elements(wanted.Path.Item).SelectMany(item => wanted.Read(item, Region))
                    .Where(database => database.Port > 0).Select(database => database with { Profile = settings.Profile }),
            ];
        }
    }

    public Task<IReadOnlyList<ManagedNode>> ListManagedNodesAsync(CancellationToken cancellationToken) => CallAsync<IReadOnlyList<ManagedNode>>(
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
        await foreach (var page in PagesAsync(Ec2, "GetManagedPrefixListEntries", "NextToken", [new("PrefixListId", prefixListId)], cancellationToken).ConfigureAwait(false))
        {
            blocks.AddRange(Ec2Answers.PrefixListEntries(page));
        }

        return blocks;
    }

    public Task<DatabaseSecret> ReadSecretAsync(string secretId, CancellationToken cancellationToken) => CallAsync(
        "secretsmanager:GetSecretValue",
        async () => DatabaseSecret.Parse(
            secretId, (await clients.SecretsManager.GetSecretValueAsync(new GetSecretValueRequest { SecretId = secretId }, cancellationToken).ConfigureAwait(false)).SecretString));

    public async Task<IamToken> CreateIamTokenAsync(string host, int port, string user, CancellationToken cancellationToken) =>
        DatabaseToken.Create(await credentials.GetCredentialsAsync().WaitAsync(cancellationToken).ConfigureAwait(false), settings.Region, host, port, user, time);

    // By a filter rather than by ids: one that does not exist is no error then.
    private async Task<IReadOnlyList<T>> FilteredAsync<T>(
        string action, string filter, IReadOnlyList<string> values, Func<XElement, IEnumerable<T>> read, CancellationToken cancellationToken)
    {
        var found = new List<T>();
        foreach (var chunk in values.Distinct().Chunk(FilterValues))
        {
            var parameters = chunk.Select((value, i) => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"Filter.1.Value.{i + 1}"), value))
                .Prepend(new("Filter.1.Name", filter));
            await foreach (var page in PagesAsync(Ec2, action, "NextToken", [.. parameters], cancellationToken).ConfigureAwait(false))
            {
                found.AddRange(read(page));
            }
        }

        return found;
    }

    /// <param name="marker">What the service calls the place where the next page begins.</param>
    private async IAsyncEnumerable<XElement> PagesAsync(
        ServiceDescription service, string action, string marker, IReadOnlyList<KeyValuePair<string, string>> parameters,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await CallAsync(
                $"{service.SigningName}:{action}", () => clients.Query(service).CallAsync(action, next is null ? parameters : parameters.Append(new(marker, next)), cancellationToken)).ConfigureAwait(false);
            yield return page;
            next = (page.Element(marker) ?? page.Element("nextToken"))?.Value;
            if (string.IsNullOrEmpty(next))
            {
                break;
            }
        }
    }

    private async Task<T> CallAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (AmazonServiceException e)
        {
            var error = AwsErrors.From(e, what, settings, credentials.Latest);
            if (error.Code == AwsErrorCode.CredentialsExpired)
            {
                credentials.Forget();
            }

            throw error;
        }
        catch (XmlException e)
        {
            throw new AwsException(AwsErrorCode.ServiceFault, $"{what}: the answer cannot be understood. A proxy may have changed it, or the endpoint is not AWS's.", e);
        }
    }
}
