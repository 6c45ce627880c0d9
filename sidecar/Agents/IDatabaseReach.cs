using RdsTunnel.Tunnels;

namespace RdsTunnel.Agents;

/// <summary>How programs on this machine reach a database through a tunnel.</summary>
public interface IDatabaseReach
{
    /// <summary>Waits until the database answers.</summary>
    /// <param name="database">The database's own name; null when it is not known.</param>
    /// <returns>The environment variables that the database's programs read. There is never a password in them.</returns>
    /// <exception cref="TunnelException">It has not answered in time, or refused the sign-in.</exception>
    Task<IReadOnlyDictionary<string, string>> WaitAsync(TunnelInfo tunnel, string? database, CancellationToken cancellationToken);
}
