using System.Xml.Linq;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.XmlAnswer;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Valkey, Redis and Memcached: groups with replicas, clusters without, and serverless caches.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_Operations.html"/></remarks>
internal static class ElastiCacheDatabases
{
    private static readonly ServiceDescription Service = new("ElastiCache", "elasticache", "elasticache", "2015-02-02", "")
    {
        IsPlainHostFipsInGovCloud = true,
    };

    public static IEnumerable<DatabaseListing> Listings =>
        [
            new QueryListing(Service, "DescribeReplicationGroups", ("ReplicationGroups", "ReplicationGroup"), ReplicationGroup)
            {
                IsEverywhere = true,
            },
            new QueryListing(Service, "DescribeCacheClusters", ("CacheClusters", "CacheCluster"), CacheCluster)
            {
                IsEverywhere = true,
                Parameters = [new("ShowCacheNodeInfo", "true"), new("ShowCacheClustersNotInReplicationGroups", "true")],
            },
            new QueryListing(Service, "DescribeServerlessCaches", ("ServerlessCaches", "member"), ServerlessCache)
            {
                IsEverywhere = true,
                Page = ("MaxResults", 50),
                Marker = "NextToken",
            },
        ];

    // With shards there is one address that tells the others, without them one for writes and one for reads.
    private static IEnumerable<Database> ReplicationGroup(XElement group, string region)
    {
        var arn = Text(group, "ARN") ?? "";
        var shards = group.Elements("NodeGroups").Elements("NodeGroup").Take(2).ToList();
        var address = new Database(
            arn,
            Text(group, "ReplicationGroupId") ?? "",
            DatabaseService.ElastiCache,
            DatabaseRole.Configuration,
            Text(group, "Engine") ?? "redis",
            "",
            0,
            region,
            [],
            [],
            [],
            AccountId: AccountOf(arn),
            Status: Text(group, "Status"),
            Cluster: Text(group, "ReplicationGroupId"),
            IsPublic: false
        );
        return
        [
            .. At(group.Element("ConfigurationEndpoint"), address),
            .. shards is [var shard]
                ? At(shard.Element("PrimaryEndpoint"), address with { Role = DatabaseRole.Writer })
                    .Concat(At(shard.Element("ReaderEndpoint"), address with { Role = DatabaseRole.Reader }))
                : [],
        ];
    }

    private static IEnumerable<Database> CacheCluster(XElement cluster, string region)
    {
        var arn = Text(cluster, "ARN") ?? "";
        var node = cluster.Elements("CacheNodes").Elements("CacheNode").FirstOrDefault();
        var address = new Database(
            arn,
            Text(cluster, "CacheClusterId") ?? "",
            DatabaseService.ElastiCache,
            DatabaseRole.Configuration,
            Text(cluster, "Engine") ?? "",
            "",
            0,
            region,
            Each(cluster, ("SecurityGroups", "member"), "SecurityGroupId"),
            [],
            [],
            AccountId: AccountOf(arn),
            EngineVersion: Text(cluster, "EngineVersion"),
            Status: Text(cluster, "CacheClusterStatus"),
            IsPublic: false
        );
        return cluster.Element("ConfigurationEndpoint") is { } configuration
            ? At(configuration, address)
            : At(node?.Element("Endpoint"), address with { Role = DatabaseRole.Instance });
    }

    private static IEnumerable<Database> ServerlessCache(XElement cache, string region)
    {
        var arn = Text(cache, "ARN") ?? "";
        var address = new Database(
            arn,
            Text(cache, "ServerlessCacheName") ?? "",
            DatabaseService.ElastiCache,
            DatabaseRole.Writer,
            Text(cache, "Engine") ?? "",
            "",
            0,
            region,
            [.. cache.Elements("SecurityGroupIds").Elements("SecurityGroupId").Select(id => id.Value)],
            [.. cache.Elements("SubnetIds").Elements("SubnetId").Select(id => id.Value)],
            [],
            AccountId: AccountOf(arn),
            EngineVersion: Text(cache, "FullEngineVersion"),
            Status: Text(cache, "Status"),
            IsPublic: false
        );
        return
        [
            .. At(cache.Element("Endpoint"), address),
            .. At(cache.Element("ReaderEndpoint"), address with { Role = DatabaseRole.Reader }),
        ];
    }

    private static IEnumerable<Database> At(XElement? endpoint, Database database) =>
        endpoint is not null && Text(endpoint, "Address") is { } host
            ? [database with { Id = $"{database.Id}#{database.Role}", Host = host, Port = Port(endpoint, "Port") ?? 0 }]
            : [];
}
