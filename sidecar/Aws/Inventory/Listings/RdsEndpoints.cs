using System.Runtime.CompilerServices;
using System.Xml.Linq;
using static RdsTunnel.Aws.Inventory.Listings.XmlAnswer;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Addresses of RDS that stand in no cluster and no proxy: the writer of a global
/// database, and the further endpoints of proxies.</summary>
/// <remarks>Custom endpoints of clusters need no call of their own: the clusters' answers hold them.</remarks>
internal static class RdsEndpoints
{
    public static IEnumerable<DatabaseListing> Listings =>
        [
            new QueryListing(RdsDatabases.Service, "DescribeGlobalClusters", ("GlobalClusters", "GlobalClusterMember"), Global)
            {
                IsEverywhere = true,
            },
            new ProxyEndpoints() { IsEverywhere = true },
        ];

    // The answer tells neither port nor network; the writer's cluster, which it names, does.
    private static IEnumerable<Database> Global(XElement cluster, string region)
    {
        if (Text(cluster, "Endpoint") is not { } host)
        {
            return [];
        }

        var (arn, engine) = (Text(cluster, "GlobalClusterArn") ?? "", Text(cluster, "Engine") ?? "");
        var writer = cluster
            .Elements("GlobalClusterMembers")
            .Elements("GlobalClusterMember")
            .FirstOrDefault(member => Flag(member, "IsWriter") == true);
        // arn:aws:rds:eu-west-1:111122223333:cluster:orders
        string[] place = (writer is null ? "" : Text(writer, "DBClusterArn") ?? "").Split(':');
        return
        [
            new Database(
                $"{arn}#{DatabaseRole.Writer}",
                Text(cluster, "GlobalClusterIdentifier") ?? "",
                RdsDatabases.ServiceOf(engine),
                DatabaseRole.Writer,
                engine,
                host,
                engine.Contains("mysql", StringComparison.Ordinal) ? 3306 : 5432,
                place is [_, _, _, { Length: > 0 } home, ..] ? home : region,
                [],
                [],
                Tags(cluster, "TagList"),
                AccountId: AccountOf(arn),
                EngineVersion: Text(cluster, "EngineVersion"),
                Status: Text(cluster, "Status"),
                Cluster: place is [_, _, _, _, _, _, var name] ? name : null,
                DatabaseName: Text(cluster, "DatabaseName")
            ),
        ];
    }

    /// <summary>A proxy's own endpoint is among the proxies. The others do not tell what they speak: the proxy does.</summary>
    private sealed record ProxyEndpoints() : DatabaseListing(RdsDatabases.Service, "DescribeDBProxyEndpoints")
    {
        private static readonly QueryListing Endpoints = new(
            RdsDatabases.Service,
            "DescribeDBProxyEndpoints",
            ("DBProxyEndpoints", "member"),
            (_, _) => []
        );

        public override async IAsyncEnumerable<IEnumerable<Database>> ReadAsync(
            ServiceCalls calls,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            IReadOnlyDictionary<string, string>? families = null;
            await foreach (var page in Endpoints.ItemsAsync(calls, cancellationToken).ConfigureAwait(false))
            {
                var further = page.Where(endpoint => Flag(endpoint, "IsDefault") != true).ToList();
                if (further.Count > 0)
                {
                    families ??= await FamiliesAsync(calls, cancellationToken).ConfigureAwait(false);
                    yield return further.SelectMany(endpoint => Endpoint(endpoint, families, calls.Region));
                }
            }
        }

        private static async Task<IReadOnlyDictionary<string, string>> FamiliesAsync(
            ServiceCalls calls,
            CancellationToken cancellationToken
        )
        {
            var families = new Dictionary<string, string>();
            await foreach (var page in RdsDatabases.Proxies.ItemsAsync(calls, cancellationToken).ConfigureAwait(false))
            {
                foreach (var proxy in page)
                {
                    families[Text(proxy, "DBProxyName") ?? ""] = Text(proxy, "EngineFamily") ?? "";
                }
            }

            return families;
        }

        private static IEnumerable<Database> Endpoint(XElement endpoint, IReadOnlyDictionary<string, string> families, string region)
        {
            if (Text(endpoint, "Endpoint") is not { } host)
            {
                return [];
            }

            var arn = Text(endpoint, "DBProxyEndpointArn") ?? "";
            var proxy = Text(endpoint, "DBProxyName") ?? "";
            var family = families.GetValueOrDefault(proxy, "");
            return
            [
                new Database(
                    arn,
                    Text(endpoint, "DBProxyEndpointName") ?? "",
                    DatabaseService.RdsProxy,
                    Text(endpoint, "TargetRole") == "READ_ONLY" ? DatabaseRole.Reader : DatabaseRole.Proxy,
                    family.ToLowerInvariant(),
                    host,
                    RdsDatabases.PortOf(family),
                    region,
                    Members(endpoint, "VpcSecurityGroupIds"),
                    Members(endpoint, "VpcSubnetIds"),
                    [],
                    AccountId: AccountOf(arn),
                    Status: Text(endpoint, "Status"),
                    Cluster: proxy,
                    VpcId: Text(endpoint, "VpcId"),
                    IsPublic: false
                ),
            ];
        }
    }
}
