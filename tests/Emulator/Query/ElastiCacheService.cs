using System.Xml.Linq;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.Query.QueryAnswer;

namespace RdsTunnel.Emulator.Query;

/// <summary>The calls of ElastiCache by which caches are listed.</summary>
internal sealed class ElastiCacheService(IReadOnlyList<EmulatedRegion> regions) : IQueryService
{
    private const int MaxServerlessPageSize = 50;

    public string SigningName => "elasticache";

    public IEnumerable<XElement> Call(string action, IReadOnlyDictionary<string, string> form, string region, EmulatedCredential? caller)
    {
        var world = regions.FirstOrDefault(each => each.Name == region) ?? EmulatedRegion.Empty(region);
        return action switch
        {
            "DescribeReplicationGroups" => Page(form, "ReplicationGroups", world.CacheGroups.Select(group => Group(group, region))),
            // Nodes are told only to whoever asks for them.
            "DescribeCacheClusters" => Page(
                form,
                "CacheClusters",
                world.CacheClusters.Select(cluster =>
                    Cluster(cluster, region, withNodes: form.GetValueOrDefault("ShowCacheNodeInfo") == "true")
                )
            ),
            "DescribeServerlessCaches" => Page(
                form,
                "ServerlessCaches",
                world.ServerlessCaches.Select(cache => Serverless(cache, region)),
                ("MaxResults", 1, MaxServerlessPageSize),
                "NextToken"
            ),
            _ => throw new ServiceException("InvalidAction", $"Could not find operation {action}"),
        };
    }

    private static XElement Group(EmulatedCacheGroup group, string region) =>
        new(
            "ReplicationGroup",
            new XElement("ReplicationGroupId", group.Identifier),
            new XElement("Status", "available"),
            Endpoint("ConfigurationEndpoint", group.ConfigurationHost, group.Port),
            new XElement(
                "NodeGroups",
                new XElement(
                    "NodeGroup",
                    new XElement("NodeGroupId", "0001"),
                    new XElement("Status", "available"),
                    Endpoint("PrimaryEndpoint", group.PrimaryHost, group.Port),
                    Endpoint("ReaderEndpoint", group.ReaderHost, group.Port)
                )
            ),
            new XElement("ClusterEnabled", group.ConfigurationHost is null ? "false" : "true"),
            new XElement("TransitEncryptionEnabled", "true"),
            new XElement("ARN", $"arn:aws:elasticache:{region}:{Account}:replicationgroup:{group.Identifier}"),
            new XElement("Engine", group.Engine)
        );

    private static XElement Cluster(EmulatedCacheCluster cluster, string region, bool withNodes) =>
        new(
            "CacheCluster",
            new XElement("CacheClusterId", cluster.Identifier),
            Endpoint("ConfigurationEndpoint", cluster.Engine == "memcached" ? cluster.Host : null, cluster.Port),
            new XElement("Engine", cluster.Engine),
            new XElement("EngineVersion", cluster.EngineVersion),
            new XElement("CacheClusterStatus", "available"),
            withNodes
                ? new XElement(
                    "CacheNodes",
                    new XElement("CacheNode", new XElement("CacheNodeId", "0001"), Endpoint("Endpoint", cluster.Host, cluster.Port))
                )
                : null,
            new XElement(
                "SecurityGroups",
                cluster.SecurityGroupIds.Select(id => new XElement(
                    "member",
                    new XElement("SecurityGroupId", id),
                    new XElement("Status", "active")
                ))
            ),
            new XElement("ARN", $"arn:aws:elasticache:{region}:{Account}:cluster:{cluster.Identifier}")
        );

    private static XElement Serverless(EmulatedServerlessCache cache, string region) =>
        new(
            "member",
            new XElement("ServerlessCacheName", cache.Name),
            new XElement("Status", "available"),
            new XElement("Engine", cache.Engine),
            new XElement("FullEngineVersion", "8.0"),
            new XElement("SecurityGroupIds", cache.SecurityGroupIds.Select(id => new XElement("SecurityGroupId", id))),
            Endpoint("Endpoint", cache.Host, cache.Port),
            new XElement("ARN", $"arn:aws:elasticache:{region}:{Account}:serverlesscache:{cache.Name}")
        );
}
