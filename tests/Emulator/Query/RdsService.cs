using System.Xml.Linq;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.Query.QueryAnswer;

namespace RdsTunnel.Emulator.Query;

/// <summary>The calls of RDS by which databases are listed, in pages of 20 to 100.</summary>
internal sealed class RdsService(IReadOnlyList<EmulatedRegion> regions) : IQueryService
{
    public string SigningName => "rds";

    public IEnumerable<XElement> Call(string action, IReadOnlyDictionary<string, string> form, string region, EmulatedCredential? caller)
    {
        var world = regions.FirstOrDefault(each => each.Name == region) ?? EmulatedRegion.Empty(region);
        return action switch
        {
            "DescribeDBInstances" => Page(form, "DBInstances", world.Databases.Select(database => Instance(database, region))),
            "DescribeDBClusters" => Page(
                form,
                "DBClusters",
                Named(world.Clusters, form.GetValueOrDefault("DBClusterIdentifier")).Select(cluster => Cluster(cluster, region))
            ),
            "DescribeDBProxies" => Page(form, "DBProxies", world.Proxies.Select(proxy => Proxy(proxy, region))),
            "DescribeGlobalClusters" => Page(form, "GlobalClusters", world.GlobalClusters.Select(Global)),
            "DescribeDBProxyEndpoints" => Page(
                form,
                "DBProxyEndpoints",
                world
                    .Proxies.Select(proxy => DefaultEndpoint(proxy, region))
                    .Concat(world.ProxyEndpoints.Select(endpoint => ProxyEndpoint(endpoint, region, isDefault: false)))
            ),
            _ => throw new ServiceException("InvalidAction", $"Could not find operation {action}"),
        };
    }

    private static IEnumerable<EmulatedCluster> Named(IReadOnlyList<EmulatedCluster> clusters, string? name) =>
        name is null ? clusters
        : clusters.Where(cluster => cluster.Identifier == name).ToList() is { Count: > 0 } named ? named
        : throw new ServiceException("DBClusterNotFoundFault", $"DBCluster {name} not found.", StatusCodes.Status404NotFound);

    private static XElement Instance(EmulatedDatabase database, string region) =>
        new(
            "DBInstance",
            new XElement("DBInstanceIdentifier", database.Identifier),
            new XElement("DBInstanceArn", $"arn:aws:rds:{region}:{Account}:db:{database.Identifier}"),
            new XElement("Engine", database.Engine),
            new XElement("EngineVersion", database.EngineVersion),
            new XElement("DBInstanceStatus", database.Status),
            // One that is being created has no address yet.
            database.Status == "creating"
                ? null
                : new XElement("Endpoint", new XElement("Address", database.Host), new XElement("Port", database.Port)),
            Optional("DBClusterIdentifier", database.Cluster),
            Optional("DBName", database.DatabaseName),
            new XElement("MasterUsername", "admin"),
            Groups(database.SecurityGroupIds),
            new XElement(
                "DBSubnetGroup",
                new XElement("VpcId", database.VpcId),
                new XElement(
                    "Subnets",
                    new XElement("Subnet", new XElement("SubnetIdentifier", "subnet-0a"), new XElement("SubnetStatus", "Active"))
                )
            ),
            new XElement("PubliclyAccessible", "false"),
            new XElement("IAMDatabaseAuthenticationEnabled", database.IamAuthentication ? "true" : "false"),
            Secret(database.MasterSecretArn),
            Tags(database.Tags)
        );

    private static XElement Cluster(EmulatedCluster cluster, string region) =>
        new(
            "DBCluster",
            new XElement("DBClusterIdentifier", cluster.Identifier),
            new XElement("DBClusterArn", $"arn:aws:rds:{region}:{Account}:cluster:{cluster.Identifier}"),
            new XElement("Engine", cluster.Engine),
            new XElement("EngineVersion", cluster.EngineVersion),
            new XElement("Status", "available"),
            new XElement("Endpoint", cluster.Host),
            Optional("ReaderEndpoint", cluster.ReaderHost),
            new XElement(
                "DBClusterMembers",
                cluster.Members.Select(
                    (member, i) =>
                        new XElement(
                            "DBClusterMember",
                            new XElement("DBInstanceIdentifier", member),
                            new XElement("IsClusterWriter", i == 0 ? "true" : "false")
                        )
                )
            ),
            new XElement("CustomEndpoints", cluster.CustomHosts.Select(host => new XElement("member", host))),
            new XElement("Port", cluster.Port),
            new XElement("DBSubnetGroup", "default"),
            new XElement("MasterUsername", "admin"),
            Groups(cluster.SecurityGroupIds),
            new XElement("IAMDatabaseAuthenticationEnabled", cluster.IamAuthentication ? "true" : "false"),
            Secret(cluster.MasterSecretArn),
            Tags(cluster.Tags)
        );

    private static XElement Proxy(EmulatedProxy proxy, string region) =>
        new(
            "member",
            new XElement("DBProxyName", proxy.Name),
            new XElement("DBProxyArn", $"arn:aws:rds:{region}:{Account}:db-proxy:{proxy.Name}"),
            new XElement("EngineFamily", proxy.EngineFamily),
            new XElement("Status", "available"),
            new XElement("Endpoint", proxy.Host),
            new XElement("VpcId", proxy.VpcId),
            new XElement("VpcSecurityGroupIds", proxy.SecurityGroupIds.Select(id => new XElement("member", id))),
            new XElement("VpcSubnetIds", new XElement("member", "subnet-0a"))
        );

    // A global cluster is in no region.
    private static XElement Global(EmulatedGlobalCluster cluster) =>
        new(
            "GlobalClusterMember",
            new XElement("GlobalClusterIdentifier", cluster.Identifier),
            new XElement("GlobalClusterResourceId", "cluster-0f1e2d3c"),
            new XElement("GlobalClusterArn", $"arn:aws:rds::{Account}:global-cluster:{cluster.Identifier}"),
            new XElement("Status", "available"),
            new XElement("Engine", cluster.Engine),
            new XElement("EngineVersion", cluster.EngineVersion),
            new XElement(
                "GlobalClusterMembers",
                new XElement(
                    "GlobalClusterMember",
                    new XElement("DBClusterArn", cluster.WriterClusterArn),
                    new XElement("Readers"),
                    new XElement("IsWriter", "true")
                )
            ),
            new XElement("Endpoint", cluster.Host)
        );

    private static XElement DefaultEndpoint(EmulatedProxy proxy, string region) =>
        ProxyEndpoint(new("default", proxy.Name, proxy.Host, proxy.VpcId, proxy.SecurityGroupIds), region, isDefault: true);

    private static XElement ProxyEndpoint(EmulatedProxyEndpoint endpoint, string region, bool isDefault) =>
        new(
            "member",
            new XElement("DBProxyEndpointName", endpoint.Name),
            new XElement(
                "DBProxyEndpointArn",
                $"arn:aws:rds:{region}:{Account}:db-proxy-endpoint:prx-endpoint-{endpoint.Proxy}-{endpoint.Name}"
            ),
            new XElement("DBProxyName", endpoint.Proxy),
            new XElement("Status", "available"),
            new XElement("VpcId", endpoint.VpcId),
            new XElement("VpcSecurityGroupIds", endpoint.SecurityGroupIds.Select(id => new XElement("member", id))),
            new XElement("VpcSubnetIds", new XElement("member", "subnet-0a")),
            new XElement("Endpoint", endpoint.Host),
            new XElement("TargetRole", endpoint.IsReadOnly ? "READ_ONLY" : "READ_WRITE"),
            new XElement("IsDefault", isDefault ? "true" : "false")
        );

    private static XElement Groups(IEnumerable<string> ids) =>
        new(
            "VpcSecurityGroups",
            ids.Select(id => new XElement(
                "VpcSecurityGroupMembership",
                new XElement("VpcSecurityGroupId", id),
                new XElement("Status", "active")
            ))
        );

    private static XElement? Secret(string? arn) =>
        arn is null ? null : new XElement("MasterUserSecret", new XElement("SecretArn", arn), new XElement("SecretStatus", "active"));

    private static XElement Tags(IReadOnlyDictionary<string, string> tags) => QueryAnswer.Tags("TagList", tags);
}
