using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Databases;

/// <summary>A user of the database and the password, which disposal overwrites. The password is
/// left out of <see cref="ToString"/>.</summary>
public sealed class DatabaseCredentials : IDisposable
{
    private readonly byte[] _password;
    private readonly string? _user;

    /// <param name="user">As the database knows it; null where only a password is known, which Redis can do with.</param>
    /// <param name="password">A password or token.</param>
    /// <param name="hint">Why the database may refuse it, for people; null when nothing is known.</param>
    public DatabaseCredentials(string? user, ReadOnlySpan<char> password, string? hint = null)
    {
        _user = user;
        Hint = hint;
        // Pinned: the collector leaves no copy of it behind.
        _password = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(password), pinned: true);
        Encoding.UTF8.GetBytes(password, _password);
    }

    /// <summary>Where they come from, at the beginning of a sentence.</summary>
    public string Source { get; init; } = "The secret";

    public bool HasUser => _user is not null;

    /// <exception cref="LoginException">There is none.</exception>
    public string User =>
        _user ?? throw new LoginException(LoginError.Unavailable, $"{Source} has no user. Add a user to the tunnel's login.");

    public string? Hint { get; }

    /// <summary>In UTF-8. Zeros once disposed.</summary>
    public ReadOnlyMemory<byte> Password => _password;

    /// <summary>The same for protocols that end a text with a zero, and would cut these off there.</summary>
    /// <exception cref="LoginException">User or password have one.</exception>
    public DatabaseCredentials WithoutZeros() =>
        User.Contains('\0', StringComparison.Ordinal) || _password.AsSpan().Contains((byte)0)
            ? throw new LoginException(
                LoginError.Unavailable,
                $"{Source} has a zero character in its user or password, which this database can't have. Correct it."
            )
            : this;

    /// <summary>User and password are the same.</summary>
    public bool AreSameAs(DatabaseCredentials other) =>
        _user == other._user && CryptographicOperations.FixedTimeEquals(_password, other._password);

    public void Dispose() => CryptographicOperations.ZeroMemory(_password);

    public override string ToString() => nameof(DatabaseCredentials);
}
