using System.Xml.Linq;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.XmlAnswer;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Databases in RDS's answers, which hold DocumentDB's and Neptune's too.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Operations.html"/></remarks>
internal static class RdsDatabases
{
    public static readonly ServiceDescription Service = new("RDS", "rds", "rds", "2014-10-31", "") { IsPlainHostFipsInGovCloud = true };

    public static IEnumerable<DatabaseListing> Listings =>
        [
            new QueryListing(Service, "DescribeDBClusters", ("DBClusters", "DBCluster"), Cluster) { IsEverywhere = true },
            new QueryListing(Service, "DescribeDBInstances", ("DBInstances", "DBInstance"), Instance) { IsEverywhere = true },
            Proxies,
        ];

    public static QueryListing Proxies { get; } = new(Service, "DescribeDBProxies", ("DBProxies", "member"), Proxy) { IsEverywhere = true };

    // A cluster has an address for writes, one for reads, and those that its owner made.
    private static IEnumerable<Database> Cluster(XElement cluster, string region)
    {
        var arn = Text(cluster, "DBClusterArn") ?? "";
        var (name, engine) = (Text(cluster, "DBClusterIdentifier") ?? "", Text(cluster, "Engine") ?? "");
        var common = new Database(
            arn,
            name,
            ServiceOf(engine),
            DatabaseRole.Writer,
            engine,
            "",
            Port(cluster, "Port") ?? 0,
            region,
            Groups(cluster),
            [],
            Tags(cluster),
            AccountId: AccountOf(arn),
            EngineVersion: Text(cluster, "EngineVersion"),
            Status: Text(cluster, "Status"),
            Cluster: name,
            DatabaseName: Text(cluster, "DatabaseName"),
            MasterUserName: Text(cluster, "MasterUsername"),
            MasterSecretArn: Text(cluster, "MasterUserSecret", "SecretArn"),
            SupportsIamAuthentication: Flag(cluster, "IAMDatabaseAuthenticationEnabled"),
            IsPublic: Flag(cluster, "PubliclyAccessible")
        );
        IEnumerable<(DatabaseRole Role, string? Host)> addresses =
        [
            (DatabaseRole.Writer, Text(cluster, "Endpoint")),
            (DatabaseRole.Reader, Text(cluster, "ReaderEndpoint")),
            .. Members(cluster, "CustomEndpoints").Select(host => (DatabaseRole.Custom, (string?)host)),
        ];
        return addresses
            .Where(address => !string.IsNullOrEmpty(address.Host))
            .Select(address =>
                common with
                {
                    Id = $"{arn}#{address.Role}#{(address.Role == DatabaseRole.Custom ? address.Host : "")}",
                    Role = address.Role,
                    Host = address.Host!,
                }
            );
    }

    private static IEnumerable<Database> Instance(XElement instance, string region)
    {
        // One that is being created has no address yet.
        if (Text(instance, "Endpoint", "Address") is not { } host)
        {
            return [];
        }

        var (arn, engine) = (Text(instance, "DBInstanceArn") ?? "", Text(instance, "Engine") ?? "");
        var subnets = instance.Element("DBSubnetGroup");
        return
        [
            new Database(
                arn,
                Text(instance, "DBInstanceIdentifier") ?? "",
                ServiceOf(engine),
                DatabaseRole.Instance,
                engine,
                host,
                Port(instance, "Endpoint", "Port") ?? 0,
                region,
                Groups(instance),
                subnets is null ? [] : Each(subnets, ("Subnets", "Subnet"), "SubnetIdentifier"),
                Tags(instance),
                AccountId: AccountOf(arn),
                EngineVersion: Text(instance, "EngineVersion"),
                Status: Text(instance, "DBInstanceStatus"),
                Cluster: Text(instance, "DBClusterIdentifier"),
                VpcId: subnets is null ? null : Text(subnets, "VpcId"),
                DatabaseName: Text(instance, "DBName"),
                MasterUserName: Text(instance, "MasterUsername"),
                MasterSecretArn: Text(instance, "MasterUserSecret", "SecretArn"),
                SupportsIamAuthentication: Flag(instance, "IAMDatabaseAuthenticationEnabled"),
                IsPublic: Flag(instance, "PubliclyAccessible")
            ),
        ];
    }

    private static IEnumerable<Database> Proxy(XElement proxy, string region)
    {
        if (Text(proxy, "Endpoint") is not { } host)
        {
            return [];
        }

        var (arn, family) = (Text(proxy, "DBProxyArn") ?? "", Text(proxy, "EngineFamily") ?? "");
        return
        [
            new Database(
                arn,
                Text(proxy, "DBProxyName") ?? "",
                DatabaseService.RdsProxy,
                DatabaseRole.Proxy,
                family.ToLowerInvariant(),
                host,
                PortOf(family),
                region,
                Members(proxy, "VpcSecurityGroupIds"),
                Members(proxy, "VpcSubnetIds"),
                [],
                AccountId: AccountOf(arn),
                Status: Text(proxy, "Status"),
                VpcId: Text(proxy, "VpcId"),
                IsPublic: false
            ),
        ];
    }

    // A proxy listens on its engine's own port; the answer does not say so.
    public static int PortOf(string family) =>
        family switch
        {
            "MYSQL" => 3306,
            "SQLSERVER" => 1433,
            _ => 5432,
        };

    public static DatabaseService ServiceOf(string engine) =>
        engine switch
        {
            "docdb" => DatabaseService.DocumentDb,
            "neptune" => DatabaseService.Neptune,
            _ => DatabaseService.Rds,
        };

    private static string[] Groups(XElement item) => Each(item, ("VpcSecurityGroups", "VpcSecurityGroupMembership"), "VpcSecurityGroupId");

    private static Tag[] Tags(XElement item) => XmlAnswer.Tags(item, "TagList");
}
