using System.Globalization;
using System.Xml.Linq;

namespace RdsTunnel.Aws.Inventory;

/// <summary>Reads the databases out of RDS's answers, which hold DocumentDB's and Neptune's too.</summary>
/// <param name="Action">Of the API.</param>
/// <param name="Path">Where in the answer its items are: a list, and the name of an item.</param>
internal sealed record RdsListing(string Action, (string List, string Item) Path, Func<XElement, string, IEnumerable<Database>> Read)
{
    public static IReadOnlyList<RdsListing> All { get; } =
    [
        new("DescribeDBClusters", ("DBClusters", "DBCluster"), Cluster),
        new("DescribeDBInstances", ("DBInstances", "DBInstance"), Instance),
        new("DescribeDBProxies", ("DBProxies", "member"), Proxy),
    ];

    /// <summary>As IAM calls it.</summary>
    public string Name => $"rds:{Action}";

    // A cluster has an address for writes, one for reads, and those that its owner made.
    private static IEnumerable<Database> Cluster(XElement cluster, string region)
    {
        var arn = Text(cluster, "DBClusterArn") ?? "";
        var (name, engine) = (Text(cluster, "DBClusterIdentifier") ?? "", Text(cluster, "Engine") ?? "");
        var common = new Database(
            arn, name, ServiceOf(engine), DatabaseRole.Writer, engine, "", Number(cluster, "Port") ?? 0, region, Groups(cluster), [], Tags(cluster),
            AccountId: AccountOf(arn), EngineVersion: Text(cluster, "EngineVersion"), Status: Text(cluster, "Status"), Cluster: name,
            DatabaseName: Text(cluster, "DatabaseName"), MasterUserName: Text(cluster, "MasterUsername"),
            MasterSecretArn: Text(cluster, "MasterUserSecret", "SecretArn"), SupportsIamAuthentication: Flag(cluster, "IAMDatabaseAuthenticationEnabled"),
            IsPublic: Flag(cluster, "PubliclyAccessible"));
        IEnumerable<(DatabaseRole Role, string? Host)> addresses =
        [
            (DatabaseRole.Writer, Text(cluster, "Endpoint")),
            (DatabaseRole.Reader, Text(cluster, "ReaderEndpoint")),
            .. Members(cluster, "CustomEndpoints").Select(host => (DatabaseRole.Custom, (string?)host)),
        ];
        return addresses.Where(address => !string.IsNullOrEmpty(address.Host)).Select(address => common with
        {
            Id = $"{arn}#{address.Role}#{(address.Role == DatabaseRole.Custom ? address.Host : "")}", Role = address.Role, Host = address.Host!,
        });
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
                arn, Text(instance, "DBInstanceIdentifier") ?? "", ServiceOf(engine), DatabaseRole.Instance, engine, host,
                Number(instance, "Endpoint", "Port") ?? 0, region, Groups(instance),
                [.. subnets?.Elements("Subnets").Elements("Subnet").Select(subnet => Text(subnet, "SubnetIdentifier")).OfType<string>() ?? []],
                Tags(instance), AccountId: AccountOf(arn), EngineVersion: Text(instance, "EngineVersion"), Status: Text(instance, "DBInstanceStatus"),
                Cluster: Text(instance, "DBClusterIdentifier"), VpcId: subnets is null ? null : Text(subnets, "VpcId"),
                DatabaseName: Text(instance, "DBName"), MasterUserName: Text(instance, "MasterUsername"),
                MasterSecretArn: Text(instance, "MasterUserSecret", "SecretArn"),
                SupportsIamAuthentication: Flag(instance, "IAMDatabaseAuthenticationEnabled"), IsPublic: Flag(instance, "PubliclyAccessible")),
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
                arn, Text(proxy, "DBProxyName") ?? "", DatabaseService.RdsProxy, DatabaseRole.Proxy, family.ToLowerInvariant(), host,
                PortOf(family), region,
                Members(proxy, "VpcSecurityGroupIds"), Members(proxy, "VpcSubnetIds"), [],
                AccountId: AccountOf(arn), Status: Text(proxy, "Status"), VpcId: Text(proxy, "VpcId"), IsPublic: false),
        ];
    }

    // A proxy listens on its engine's own port; the answer does not say so.
    private static int PortOf(string family) => family switch
    {
        "MYSQL" => 3306,
        "SQLSERVER" => 1433,
        _ => 5432,
    };

    private static DatabaseService ServiceOf(string engine) => engine switch
    {
        "docdb" => DatabaseService.DocumentDb,
        "neptune" => DatabaseService.Neptune,
        _ => DatabaseService.Rds,
    };

    // arn:aws:rds:eu-west-1:111122223333:db:orders
    private static string? AccountOf(string arn) => arn.Split(':') is [_, _, _, _, { Length: > 0 } account, ..] ? account : null;

    private static string[] Groups(XElement item) =>
        [.. item.Elements("VpcSecurityGroups").Elements("VpcSecurityGroupMembership").Select(group => Text(group, "VpcSecurityGroupId")).OfType<string>()];

    private static string[] Members(XElement item, string list) => [.. item.Elements(list).Elements("member").Select(member => member.Value)];

    private static Tag[] Tags(XElement item) =>
        [.. item.Elements("TagList").Elements("Tag").Select(tag => new Tag(Text(tag, "Key") ?? "", Text(tag, "Value") ?? ""))];

    private static string? Text(XElement item, params ReadOnlySpan<string> path)
    {
        XElement? at = item;
        foreach (var name in path)
        {
            at = at?.Element(name);
        }

        return at is { Value: { Length: > 0 } text } ? text : null;
    }

    private static int? Number(XElement item, params ReadOnlySpan<string> path) =>
        int.TryParse(Text(item, path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ushort.MaxValue ? number : null;

    private static bool? Flag(XElement item, string name) => Text(item, name) switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };
}
