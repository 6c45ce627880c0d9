namespace RdsTunnel.Aws.Inventory;

/// <summary>The name of a cache or cluster, for which its IAM tokens are signed, as its host names tell it.</summary>
/// <remarks><code>
/// master.sessions.abc123.euw1.cache.amazonaws.com               as those of replica, clustercfg and nodes: the second label
/// clustercfg.carts.abc123.memorydb.eu-west-1.amazonaws.com      MemoryDB likewise
/// pages-abc123.serverless.euw1.cache.amazonaws.com              serverless: the first label, up to its last hyphen
/// sessions.abc123.0001.euw1.cache.amazonaws.com                 without TLS, and so without IAM
/// sessions.abc123.ng.0001.euw1.cache.amazonaws.com              likewise
/// </code></remarks>
/// <param name="Name">A replication group's id, a serverless cache's name, or a cluster's of MemoryDB.</param>
public sealed record CacheName(string Name, bool IsServerless)
{
    /// <param name="owner">The labels before those of service and region.</param>
    /// <returns>Null for a name that IAM tokens cannot be for.</returns>
    internal static CacheName? Of(DatabaseService service, string[] owner) =>
        (service, owner) switch
        {
            (DatabaseService.ElastiCache, [var first, "serverless"]) => first.LastIndexOf('-') is > 0 and var hyphen
                ? new(first[..hyphen], IsServerless: true)
                : null,
            (DatabaseService.ElastiCache, [_, _, "cfg" or "0001"]) => null, // Memcached, and no TLS
            (DatabaseService.ElastiCache or DatabaseService.MemoryDb, [_, var name, _]) => new(name, IsServerless: false),
            _ => null,
        };
}
