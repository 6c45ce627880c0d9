using System.Text.RegularExpressions;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Aws.Endpoints;

/// <summary>What a name that AWS gave to a database says by itself.</summary>
/// <remarks><code>
/// orders.cluster-abc.eu-west-1.rds.amazonaws.com             region, service, suffix
/// orders.cluster-abc.rds.cn-north-1.amazonaws.com.cn         China and the closed partitions:
/// service, region, suffix (older names as above)
/// orders.global-abc.global.rds.amazonaws.com                 the writer of a global database, in whichever region it is now
/// master.sessions.abc.euw1.cache.amazonaws.com               ElastiCache: the region in short
/// </code></remarks>
/// <param name="Partition">As AWS calls it: <c>aws</c>, <c>aws-cn</c> …</param>
/// <param name="Region">Null for a global name, and where a short form is not known.</param>
/// <param name="Engine">Null when such a name may stand for several.</param>
public sealed partial record DatabaseEndpoint(DatabaseService Service, string Partition, string? Region = null, string? Engine = null)
{
    private const string Global = "global";
    private const string CacheLabel = "cache";

    /// <summary>Of ElastiCache and MemoryDB, where the name tells it.</summary>
    public CacheName? Cache { get; init; }

    /// <returns>Null for a name that AWS gives to no database.</returns>
    public static DatabaseEndpoint? Of(string host)
    {
        var name = HostName.Normalize(host);
        return EndpointNames
            .Table.Partitions.SelectMany(partition => partition.Suffixes)
            .Distinct()
            .Where(suffix => name.EndsWith("." + suffix, StringComparison.Ordinal))
            .Select(suffix => Of(name[..^(suffix.Length + 1)].Split('.'), suffix))
            .FirstOrDefault(endpoint => endpoint is not null);
    }

    private static DatabaseEndpoint? Of(string[] labels, string suffix) =>
        labels is [.. { Length: > 0 } owner, var last, var end] && Array.TrueForAll(labels, label => HostLabel().IsMatch(label))
            ? Of(owner, last, end, suffix) ?? Of(owner, end, last, suffix)
            : null;

    /// <param name="place">The region, or what stands in its place.</param>
    private static DatabaseEndpoint? Of(string[] owner, string place, string label, string suffix)
    {
        var table = EndpointNames.Table;
        var isGlobal = place == Global && owner[^1].StartsWith("global-", StringComparison.Ordinal);
        var region =
            FullRegion().IsMatch(place) ? place
            : label == CacheLabel ? RegionOfShort(place)
            : null;
        if (
            table.Services.FirstOrDefault(each => each.IsOf(owner, label)) is not { } service
            || (region is null && !isGlobal && label != CacheLabel)
        )
        {
            return null;
        }

        // A suffix of two partitions, and no region to tell which: the public one, which comes last.
        var partition = region is null
            ? table.Partitions.Last(each => each.Suffixes.Contains(suffix))
            : table.Partitions.First(each => region.StartsWith(each.RegionPrefix, StringComparison.Ordinal));
        return partition.Suffixes.Contains(suffix)
            ? new(service.Service, partition.Name, region, service.Engine) { Cache = CacheName.Of(service.Service, owner) }
            : null;
    }

    private static string? RegionOfShort(string text)
    {
        var (exceptions, directions) = EndpointNames.Table.RegionsInShort;
        return exceptions.TryGetValue(text, out var region) ? region
            : ShortRegion().Match(text) is { Success: true } match && directions.TryGetValue(match.Groups[2].Value, out var direction)
                ? $"{match.Groups[1].Value}-{direction}-{match.Groups[3].Value}"
            : null;
    }

    [GeneratedRegex("^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostLabel();

    [GeneratedRegex("^[a-z]{2,4}(?:-[a-z]+){1,2}-[0-9]{1,2}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex FullRegion();

    [GeneratedRegex("^([a-z]{2})([a-z]{1,2})([0-9]{1,2})\\z", RegexOptions.CultureInvariant)]
    private static partial Regex ShortRegion();
}
