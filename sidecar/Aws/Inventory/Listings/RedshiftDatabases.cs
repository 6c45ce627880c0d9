using System.Xml.Linq;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.XmlAnswer;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Redshift's clusters, which speak PostgreSQL's protocol.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/redshift/latest/APIReference/API_DescribeClusters.html"/></remarks>
internal static class RedshiftDatabases
{
    private static readonly ServiceDescription Service = new("Redshift", "redshift", "redshift", "2012-12-01", "")
    {
        IsPlainHostFipsInGovCloud = true,
    };

    public static IEnumerable<DatabaseListing> Listings =>
        [new QueryListing(Service, "DescribeClusters", ("Clusters", "Cluster"), Cluster) { IsEverywhere = true }];

    // One that is being created has no address yet.
    private static IEnumerable<Database> Cluster(XElement cluster, string region)
    {
        var arn = Text(cluster, "ClusterNamespaceArn") ?? "";
        var name = Text(cluster, "ClusterIdentifier") ?? "";
        return Text(cluster, "Endpoint", "Address") is not { } host
            ? []
            :
            [
                new Database(
                    $"{arn}#{name}",
                    name,
                    DatabaseService.Redshift,
                    DatabaseRole.Instance,
                    "redshift",
                    host,
                    Port(cluster, "Endpoint", "Port") ?? 0,
                    region,
                    Each(cluster, ("VpcSecurityGroups", "VpcSecurityGroup"), "VpcSecurityGroupId"),
                    [],
                    XmlAnswer.Tags(cluster, "Tags"),
                    AccountId: AccountOf(arn),
                    EngineVersion: Text(cluster, "ClusterVersion"),
                    Status: Text(cluster, "ClusterStatus"),
                    VpcId: Text(cluster, "VpcId"),
                    DatabaseName: Text(cluster, "DBName"),
                    MasterUserName: Text(cluster, "MasterUsername"),
                    MasterSecretArn: Text(cluster, "MasterPasswordSecretArn"),
                    IsPublic: Flag(cluster, "PubliclyAccessible")
                ),
            ];
    }
}
