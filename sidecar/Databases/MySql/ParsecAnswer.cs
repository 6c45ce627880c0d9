using System.Security.Cryptography;
using RdsTunnel.Databases.Signatures;

namespace RdsTunnel.Databases.MySql;

/// <summary>MariaDB's <c>parsec</c>, of 11.6 and newer: the password's hash is the seed of a key that signs the nonces of
/// both sides.</summary>
/// <remarks><code>
/// server: fe parsec 00  nonce (32)      here: an empty packet
/// server: 'P'  factor (1)  salt (18)    here: nonce (32)  signature (64)
///
/// seed = PBKDF2-HMAC-SHA512(password, salt, 1024 &lt;&lt; factor)
/// </code><see href="https://mariadb.com/kb/en/authentication-plugin-parsec/"/></remarks>
internal static class ParsecAnswer
{
    private const byte Pbkdf2 = (byte)'P';
    private const byte AuthMoreData = 1;
    private const int SaltBytes = 18;
    private const int FewestIterations = 1024;

    /// <summary>Servers chose 0, until parsec_iterations of MariaDB 13.1. A million iterations take about a second of a
    /// processor, and no more is given to a server.</summary>
    private const int MaxFactor = 10;

    /// <param name="scramble">The server's nonce.</param>
    /// <param name="extendedSalt">The server's second packet.</param>
    /// <exception cref="MalformedPacketException">It is none.</exception>
    /// <exception cref="LoginException">It asks for too many iterations.</exception>
    public static void Write(
        PayloadWriter writer,
        ReadOnlySpan<byte> scramble,
        ReadOnlySpan<byte> extendedSalt,
        ReadOnlySpan<byte> password
    )
    {
        // Servers may put this first, so that data is not taken for an OK or an error.
        var salt = extendedSalt is [AuthMoreData, ..] ? extendedSalt[1..] : extendedSalt;
        if (salt is not [Pbkdf2, var factor, ..] || salt.Length != 2 + SaltBytes)
        {
            throw new MalformedPacketException("the salt of parsec is none");
        }

        if (factor > MaxFactor)
        {
            throw new LoginException(
                LoginError.DatabaseUnsupported,
                $"The database wants more than {FewestIterations << MaxFactor} iterations of this user's password (parsec), which logins don't support. Lower parsec_iterations on the database, and set the password again."
            );
        }

        Span<byte> both = stackalloc byte[2 * Plugins.LongNonceBytes];
        Plugins.Nonce(scramble, Plugins.LongNonceBytes).CopyTo(both);
        RandomNumberGenerator.Fill(both[Plugins.LongNonceBytes..]);
        Span<byte> signature = stackalloc byte[Ed25519.SignatureBytes];
        Span<byte> seed = stackalloc byte[Ed25519.SeedBytes];
        try
        {
            Rfc2898DeriveBytes.Pbkdf2(password, salt[2..], seed, FewestIterations << factor, HashAlgorithmName.SHA512);
            Ed25519.Sign(seed, both, signature);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }

        writer.Bytes(both[Plugins.LongNonceBytes..]);
        writer.Bytes(signature);
    }
}
