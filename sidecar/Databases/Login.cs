using System.Security.Cryptography.X509Certificates;

namespace RdsTunnel.Databases;

/// <summary>How connections are signed in.</summary>
/// <param name="Host">The name that the database's certificate has to bear.</param>
/// <param name="Authorities">Trusted beside the system's own.</param>
/// <param name="Credentials">Null when the tool signs in by itself, and only TLS is done for it.</param>
public sealed record Login(string Host, X509Certificate2Collection Authorities, ILoginCredentials? Credentials)
{
    /// <summary>What goes to and from the database is compressed, if its protocol can and it offers to.</summary>
    public bool Compress { get; init; }

    /// <summary>Asked of the tool, in its own protocol, before the database is signed in to; null
    /// when the port is this user's alone. Only beside <see cref="Credentials"/>.</summary>
    public LocalPassword? LocalPassword { get; init; }

    /// <summary>TLS on the tool's side; null where a tool that asks for it gets none.</summary>
    public StartLocalTls? StartLocalTls { get; init; }

    /// <summary>Ports of this machine for the nodes that a cluster names; null for a database whose
    /// answers are passed as they are.</summary>
    public IClusterPeers? Peers { get; init; }
}

/// <summary>Begins TLS with a tool that has been told to.</summary>
/// <returns>What the tool says and hears from then on, in plain text.</returns>
/// <exception cref="LoginException">The tool does not go along.</exception>
public delegate Task<Stream> StartLocalTls(Stream tool, CancellationToken cancellationToken);

/// <summary>Where user name and password come from. Thread-safe.</summary>
public interface ILoginCredentials
{
    /// <summary>For one connection, fresh or still good. It may wait for a person to sign in.</summary>
    Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken);

    /// <summary>The database has refused these: they are not to be given again.</summary>
    /// <returns>What may be right in their place; null when nothing else is known.</returns>
    Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken);
}
