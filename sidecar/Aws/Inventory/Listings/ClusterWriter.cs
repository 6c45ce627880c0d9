using System.Xml.Linq;
using static RdsTunnel.Aws.Inventory.Listings.XmlAnswer;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Which member of a cluster takes writes. RDS tells it of DocumentDB's and Neptune's clusters, too.</summary>
/// <remarks><see href="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html"/></remarks>
internal static class ClusterWriter
{
    private static readonly QueryListing Clusters = new(
        RdsDatabases.Service,
        "DescribeDBClusters",
        ("DBClusters", "DBCluster"),
        (_, _) => []
    );

    public static async Task<string?> FindAsync(ServiceCalls calls, string host, CancellationToken cancellationToken)
    {
        // orders.cluster-abc123.eu-west-1.rds.amazonaws.com: one cluster in place of pages of them
        var named = Clusters with
        {
            Parameters = [new("DBClusterIdentifier", HostName.Normalize(host).Split('.')[0])],
        };
        await foreach (var page in named.ItemsAsync(calls, cancellationToken).ConfigureAwait(false))
        {
            var cluster = page.FirstOrDefault(each => HostName.AreEqual(Text(each, "Endpoint"), host));
            if (cluster is not null)
            {
                return cluster
                    .Elements("DBClusterMembers")
                    .Elements("DBClusterMember")
                    .Where(member => Flag(member, "IsClusterWriter") == true)
                    .Select(member => Text(member, "DBInstanceIdentifier"))
                    .FirstOrDefault();
            }
        }

        return null;
    }
}
