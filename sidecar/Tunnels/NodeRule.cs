using System.Net;
using System.Net.Sockets;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Endpoints;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Tunnels;

/// <summary>Which hosts count as nodes of a tunnel's cluster. What a cluster announces is only its
/// word: a tunnel never leads, let alone signs in, to hosts that have another owner.</summary>
/// <remarks><code>
/// tunnel's host   clustercfg.orders.abc123.euc1.cache.amazonaws.com
/// a node          orders-0001-001.orders.abc123.euc1.cache.amazonaws.com   the same but for its first label
/// a node          10.0.3.7                                                 a private address; its certificate bears the tunnel's host
/// </code></remarks>
internal static class NodeRule
{
    /// <summary>Of the domain in which somebody's own nodes are neighbors. A shorter one may belong to many.</summary>
    private const int MinDomainLabels = 3;

    /// <returns>The name that the node's certificate has to bear; null for a host that is no node of the cluster.</returns>
    public static string? NameOf(string clusterHost, string node)
    {
        var (cluster, name) = (HostName.Normalize(clusterHost), HostName.Normalize(node));
        if (name == cluster)
        {
            return cluster;
        }

        if (LoopbackHost.Is(name) || ForbiddenHost.Find(name) is not null || TunnelRules.Host.ProblemOf(name) is not null)
        {
            return null;
        }

        return LoopbackHost.Address(name) is { } address ? (IsPrivate(address) ? cluster : null)
            : DomainOf(cluster) is { } domain && name.EndsWith(domain, StringComparison.Ordinal) && IsLabel(name[..^domain.Length]) ? name
            : null;
    }

    // ".orders.abc123.euc1.cache.amazonaws.com"; null where the host's neighbors are anybody's.
    private static string? DomainOf(string cluster)
    {
        if (LoopbackHost.Address(cluster) is not null || cluster.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var dot))
        {
            return null;
        }

        var domain = cluster[dot..];
        var isOwn = DatabaseEndpoint.Of(cluster) is { } endpoint
            ? endpoint is { Service: DatabaseService.ElastiCache or DatabaseService.MemoryDb, Cache.IsServerless: false }
            : !domain.EndsWith(".amazonaws.com", StringComparison.Ordinal) && domain.Count(c => c == '.') >= MinDomainLabels;
        return isOwn ? domain : null;
    }

    private static bool IsLabel(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool IsPrivate(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6
            ? address.IsIPv6UniqueLocal
            : address.GetAddressBytes() is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [100, >= 64 and <= 127, ..];
}
