using System.Net;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Endpoints;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery.Names;

namespace RdsTunnel.Discovery;

/// <summary>Makes IAM tokens for the name by which AWS knows a database, in the region that this name says. Thread-safe.</summary>
/// <remarks>A token for another name or region is made without an error, and every database refuses it with no word of why.</remarks>
public sealed class IamTokens(IInventories inventories, IHostNames names)
{
    private const string GiveTheName = "Use the database's own host name, for example ….eu-west-1.rds.amazonaws.com.";

    /// <exception cref="AwsException">InvalidAddress: nobody signs for this host. Others: no credentials can be had.</exception>
    public async Task<IamToken> CreateAsync(AwsScope scope, string host, int port, string user, CancellationToken cancellationToken)
    {
        var (name, endpoint) = await RealNameAsync(HostName.Normalize(host), cancellationToken).ConfigureAwait(false);
        if (
            endpoint.Service
            is not (
                DatabaseService.Rds
                or DatabaseService.RdsProxy
                or DatabaseService.Dsql
                or DatabaseService.ElastiCache
                or DatabaseService.MemoryDb
            )
        )
        {
            throw Refusal(
                $"{name} is a name of {endpoint.Service}. IAM database tokens are for RDS, Aurora, RDS Proxy, Aurora DSQL, ElastiCache and MemoryDB; use this service's own authentication."
            );
        }

        if (endpoint is { Service: DatabaseService.ElastiCache or DatabaseService.MemoryDb, Cache: null })
        {
            throw Refusal(
                $"{name} is a name of {endpoint.Service} for connections without TLS, or of Memcached. IAM tokens need TLS: use the address that AWS gives to a cache with TLS."
            );
        }

        if (endpoint.Region is { } region)
        {
            return await inventories
                .InventoryOf(scope with { Region = region })
                .CreateIamTokenAsync(endpoint.Service, name, port, user, cancellationToken)
                .ConfigureAwait(false);
        }

        var inventory = inventories.InventoryOf(scope);
        if (await WriterRegionAsync(inventory, name, cancellationToken).ConfigureAwait(false) is { } writer)
        {
            return await inventories
                .InventoryOf(scope with { Region = writer })
                .CreateIamTokenAsync(endpoint.Service, name, port, user, cancellationToken)
                .ConfigureAwait(false);
        }

        var token = await inventory.CreateIamTokenAsync(endpoint.Service, name, port, user, cancellationToken).ConfigureAwait(false);
        return token with
        {
            Hint =
                $"It is signed for your region, {inventory.Region}, because the writer's region couldn't be found. "
                + "If the database rejects it, use the host name of the writer's cluster.",
        };
    }

    // The first with a region: behind it an instance may be public, and then the last name is EC2's.
    private async Task<(string Name, DatabaseEndpoint Endpoint)> RealNameAsync(string host, CancellationToken cancellationToken)
    {
        var asked = DatabaseEndpoint.Of(host);
        if (asked?.Region is not null)
        {
            return (host, asked);
        }

        if (host == "localhost" || IPAddress.TryParse(host, out _))
        {
            throw Refusal($"IAM tokens can't be created for {host}. {GiveTheName}");
        }

        foreach (var name in (await names.ResolveAsync(host, cancellationToken).ConfigureAwait(false)).Names)
        {
            if (DatabaseEndpoint.Of(name) is { Region: not null } endpoint)
            {
                return (name, endpoint);
            }
        }

        return asked is null
            ? throw Refusal($"{host} isn't the host name of an AWS database, and DNS has no alias for it. {GiveTheName}")
            : (host, asked);
    }

    private static async Task<string?> WriterRegionAsync(IInventory inventory, string name, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var page in inventory.ListDatabasesAsync("rds:DescribeGlobalClusters", cancellationToken).ConfigureAwait(false))
            {
                if (page.FirstOrDefault(database => HostName.AreEqual(database.Host, name)) is { } found)
                {
                    return found.Region;
                }
            }
        }
        catch (AwsException)
        {
            // Not permitted, say: the token's hint tells what could not be found out.
        }

        return null;
    }

    private static AwsException Refusal(string message) => new(AwsErrorCode.InvalidAddress, message);
}
