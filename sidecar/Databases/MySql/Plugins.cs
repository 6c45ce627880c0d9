using System.Security.Cryptography;
using RdsTunnel.Databases.Signatures;

namespace RdsTunnel.Databases.MySql;

/// <summary>How a password is shown to a server: by which plugin's rules.</summary>
/// <remarks>What sends the password itself (<see cref="ClearText"/>, <see cref="Sha256"/>) is
/// written to a verified server over TLS only: nothing else is ever signed in to.</remarks>
internal static class Plugins
{
    public const string Native = "mysql_native_password";
    public const string CachingSha2 = "caching_sha2_password";
    public const string ClearText = "mysql_clear_password";
    public const string Sha256 = "sha256_password";
    public const string ClientEd25519 = "client_ed25519";
    public const string Parsec = "parsec";

    /// <summary>What is signed for <see cref="ClientEd25519"/> and <see cref="Parsec"/>. A greeting has no room for it,
    /// so servers always switch to these.</summary>
    public const int LongNonceBytes = 32;

    private const byte FastAuthSucceeded = 3;
    private const byte PasswordWanted = 4;

    /// <summary>The server remembers this password's hash. Its OK follows; no answer is due.</summary>
    public static bool IsFastAuthSucceeded(Packet packet) => packet.IsAuthMoreData && packet.Payload.Span is [_, FastAuthSucceeded];

    /// <summary>The server does not remember it, and wants the password itself.</summary>
    public static bool IsPasswordWanted(Packet packet) => packet.IsAuthMoreData && packet.Payload.Span is [_, PasswordWanted];

    public static bool AreSpoken(string plugin) => CanFollowAGreeting(plugin) || plugin is ClientEd25519 or Parsec;

    public static bool CanFollowAGreeting(string plugin) => plugin is Native or CachingSha2 or ClearText or Sha256;

    /// <summary>The first answer of a plugin that is spoken.</summary>
    /// <param name="data">What the server has sent for it: a nonce, and maybe a zero.</param>
    /// <exception cref="MalformedPacketException">The nonce is too short.</exception>
    public static void WriteAnswer(PayloadWriter writer, string plugin, ReadOnlySpan<byte> data, ReadOnlySpan<byte> password)
    {
        switch (plugin)
        {
            case ClearText or Sha256:
                writer.ZeroTerminated(password);
                break;
            case ClientEd25519:
                Ed25519Answer(writer, Nonce(data, LongNonceBytes), password);
                break;
            case Native when !password.IsEmpty:
                writer.Bytes(NativeAnswer(password, Nonce(data, Greeting.NonceBytes)));
                break;
            case CachingSha2 when !password.IsEmpty:
                writer.Bytes(CachingSha2Answer(password, Nonce(data, Greeting.NonceBytes)));
                break;
            default: // an empty packet: no password; or with parsec, "which salt?"
                break;
        }
    }

    public static ReadOnlySpan<byte> Nonce(ReadOnlySpan<byte> data, int bytes) =>
        data.Length < bytes ? throw new MalformedPacketException("the server's nonce is too short") : data[..bytes];

    /// <summary>The nonce, signed with the password as the secret, however long it is.</summary>
    /// <remarks><see href="https://mariadb.com/kb/en/authentication-plugin-ed25519/"/></remarks>
    private static void Ed25519Answer(PayloadWriter writer, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> password)
    {
        Span<byte> signature = stackalloc byte[Ed25519.SignatureBytes];
        Ed25519.Sign(password, nonce, signature);
        writer.Bytes(signature);
    }

    /// <summary><code>SHA1(password) ^ SHA1(nonce + SHA1(SHA1(password)))</code></summary>
#pragma warning disable CA5350 // what the protocol says
    private static byte[] NativeAnswer(ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce)
    {
        var once = SHA1.HashData(password);
        return Mask(once, SHA1.HashData([.. nonce, .. SHA1.HashData(once)]));
    }
#pragma warning restore CA5350

    /// <summary><code>SHA256(password) ^ SHA256(SHA256(SHA256(password)) + nonce)</code></summary>
    private static byte[] CachingSha2Answer(ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce)
    {
        var once = SHA256.HashData(password);
        return Mask(once, SHA256.HashData([.. SHA256.HashData(once), .. nonce]));
    }

    // In place: a hash of the password is as good as the password to these servers.
    private static byte[] Mask(byte[] hash, byte[] mask)
    {
        for (var i = 0; i < hash.Length; i++)
        {
            hash[i] ^= mask[i];
        }

        return hash;
    }
}
