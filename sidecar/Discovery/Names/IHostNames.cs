using System.Net;

namespace RdsTunnel.Discovery.Names;

/// <summary>Resolves names from this machine. Thread-safe.</summary>
public interface IHostNames
{
    /// <summary>Follows the aliases (CNAME records) of a name. Takes three seconds at most.</summary>
    /// <returns>What could be found. A name that does not resolve from here, as one of a private
    /// hosted zone, stands alone: that is no error.</returns>
    Task<ResolvedHost> ResolveAsync(string host, CancellationToken cancellationToken);
}

/// <param name="Names">Normalized. The name that was asked for, then each name that it is an alias of, in order.</param>
/// <param name="Addresses">Where the last of them leads; empty when that is not known here.</param>
public sealed record ResolvedHost(IReadOnlyList<string> Names, IReadOnlyList<IPAddress> Addresses);
