using System.Security.Cryptography;

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

    private const byte FastAuthSucceeded = 3;
    private const byte PasswordWanted = 4;

    /// <summary>The server remembers this password's hash. Its OK follows; no answer is due.</summary>
    public static bool IsFastAuthSucceeded(Packet packet) => packet.IsAuthMoreData && packet.Payload.Span is [_, FastAuthSucceeded];

    /// <summary>The server does not remember it, and wants the password itself.</summary>
    public static bool IsPasswordWanted(Packet packet) => packet.IsAuthMoreData && packet.Payload.Span is [_, PasswordWanted];

    public static bool AreSpoken(string plugin) => plugin is Native or CachingSha2 or ClearText or Sha256;

    /// <summary>The first answer of a plugin that is spoken.</summary>
    /// <exception cref="MalformedPacketException">The nonce is too short.</exception>
    public static void WriteAnswer(PayloadWriter writer, string plugin, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> password)
    {
        if (plugin is ClearText or Sha256)
        {
            writer.ZeroTerminated(password);
            return;
        }

        if (password.IsEmpty)
        {
            return;
        }

        if (nonce.Length < Greeting.NonceBytes)
        {
            throw new MalformedPacketException("the server's nonce is too short");
        }

        writer.Bytes(
            plugin == Native
                ? NativeAnswer(password, nonce[..Greeting.NonceBytes])
                : CachingSha2Answer(password, nonce[..Greeting.NonceBytes])
        );
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
