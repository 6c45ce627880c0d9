using RdsTunnel.Tunnels;

namespace RdsTunnel.Programs;

/// <summary>What a program on this machine wants of a tunnel's database.</summary>
/// <param name="Kind">Null for what the host's name and the port say.</param>
/// <param name="User">Null for the login's.</param>
/// <param name="Database">Its own name; null when it is not known.</param>
public sealed record WantedDatabase(DatabaseKind? Kind = null, string? User = null, string? Database = null);

/// <summary>How programs on this machine reach a database through a tunnel.</summary>
public interface IDatabaseReach
{
    /// <summary>Waits until the database answers.</summary>
    /// <exception cref="TunnelException">It has not answered in time, or refused the sign-in.</exception>
    Task<ReachedDatabase> WaitAsync(TunnelInfo tunnel, WantedDatabase wanted, TimeSpan patience, CancellationToken cancellationToken);

    /// <summary>The same without asking it.</summary>
    /// <param name="offersTls">Whether it does; means nothing where the tunnel's login speaks TLS.</param>
    ReachedDatabase Describe(TunnelInfo tunnel, WantedDatabase wanted, bool offersTls);
}
