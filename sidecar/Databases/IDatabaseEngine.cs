namespace RdsTunnel.Databases;

/// <summary>Signs tools in to databases of one kind, in the tool's own protocol. Thread-safe; it keeps nothing of a connection.</summary>
public interface IDatabaseEngine
{
    /// <summary>Speaks with the tool in plain text and with the database over TLS, until the tool is signed in.</summary>
    /// <remarks>Neither stream is read beyond the last message of the sign-in, so nothing is held
    /// back from whoever copies the bytes that follow.</remarks>
    /// <param name="tool">The tool's connection; it stays open, whatever happens.</param>
    /// <param name="dial">Connects to the database. A database is not dialled for whoever does not speak its protocol.</param>
    /// <param name="cancellationToken">Ends it at once, without a word to the tool.</param>
    /// <returns>The database's connection, for the caller to dispose: all that follows goes through
    /// as it is. Null when the tool wanted no more than
    /// what has been done by now, a cancel request for example.</returns>
    /// <exception cref="LoginException">Nobody is signed in. The tool has been told, in its own
    /// protocol, unless it does not speak it.</exception>
    /// <exception cref="ToolGoneException">The tool has closed its connection.</exception>
    Task<Stream?> SignInAsync(Stream tool, DialDatabase dial, Login login, CancellationToken cancellationToken);
}

/// <summary>Connects to the database. The stream's disposal ends the connection.</summary>
public delegate Task<Stream> DialDatabase(CancellationToken cancellationToken);
