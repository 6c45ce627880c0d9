using System.Xml.Linq;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using static RdsTunnel.Emulator.Query.QueryAnswer;

namespace RdsTunnel.Emulator.Query;

/// <summary>The call of Redshift by which clusters are listed.</summary>
internal sealed class RedshiftService(IReadOnlyList<EmulatedRegion> regions) : IQueryService
{
    public string SigningName => "redshift";

    public IEnumerable<XElement> Call(string action, IReadOnlyDictionary<string, string> form, string region, EmulatedCredential? caller) =>
        action switch
        {
            "DescribeClusters" => Page(
                form,
                "Clusters",
                (regions.FirstOrDefault(each => each.Name == region) ?? EmulatedRegion.Empty(region)).Warehouses.Select(cluster =>
                    Cluster(cluster, region)
                )
            ),
            _ => throw new ServiceException("InvalidAction", $"Could not find operation {action}"),
        };

    private static XElement Cluster(EmulatedWarehouse cluster, string region) =>
        new(
            "Cluster",
            new XElement("ClusterIdentifier", cluster.Identifier),
            new XElement("ClusterStatus", "available"),
            Endpoint("Endpoint", cluster.Host, cluster.Port),
            new XElement("MasterUsername", "admin"),
            new XElement("DBName", cluster.DatabaseName),
            new XElement("ClusterVersion", "1.0"),
            new XElement("VpcId", cluster.VpcId),
            new XElement(
                "VpcSecurityGroups",
                cluster.SecurityGroupIds.Select(id => new XElement(
                    "VpcSecurityGroup",
                    new XElement("VpcSecurityGroupId", id),
                    new XElement("Status", "active")
                ))
            ),
            new XElement("PubliclyAccessible", "false"),
            new XElement("ClusterNamespaceArn", $"arn:aws:redshift:{region}:{Account}:namespace:86b5169f-01dc-4a6f-9fbb-e2e24359e9a8"),
            Tags("Tags", new Dictionary<string, string>())
        );
}
