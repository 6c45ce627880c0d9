using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>What a server keeps of a password for SCRAM-SHA-256. Thread-safe.</summary>
internal sealed class ScramVerifier
{
    /// <summary>RFC 7677 asks for no less, and clients take no less.</summary>
    private const int Iterations = 4096;
    private const int SaltBytes = 16;

    // Made once for a password: 4,096 rounds for each connection would be a gift to whoever makes many.
    private static readonly ConditionalWeakTable<LocalPassword, ScramVerifier> Known = [];

    private readonly string _salt;

    private ScramVerifier(LocalPassword password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password.Bytes, salt, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        _salt = Convert.ToBase64String(salt);
        StoredKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        ServerKey = HMACSHA256.HashData(salted, "Server Key"u8);
        CryptographicOperations.ZeroMemory(salted);
    }

    public byte[] StoredKey { get; }

    public byte[] ServerKey { get; }

    /// <summary>As the server's first message has it.</summary>
    public string SaltAndIterations => string.Create(CultureInfo.InvariantCulture, $"s={_salt},i={Iterations}");

    public static ScramVerifier Of(LocalPassword password) => Known.GetValue(password, static one => new ScramVerifier(one));
}
