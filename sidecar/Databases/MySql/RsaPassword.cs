using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Databases.MySql;

/// <summary>A tool without TLS encrypts its password with a key that it asks for, where a server
/// over TLS wants the password itself (<c>caching_sha2_password</c>).
/// The key is made here, for this process, and never leaves it.</summary>
/// <remarks><code>
/// tool: 02      here: 01 PEM      tool: RSA-OAEP((password 00) ^ nonce)
/// </code></remarks>
internal static class RsaPassword
{
    private const byte KeyRequest = 2;
    private const byte AuthMoreData = 1;
    private const int KeyBits = 2048;

    private static readonly Lazy<RSA> Key = new(() => RSA.Create(KeyBits));

    public static bool IsKeyRequest(Packet packet) => packet.Payload.Span is [KeyRequest];

    /// <exception cref="LoginException">The tool has not used the key.</exception>
    public static async Task PassOnAsync(ToolSide tool, DatabaseSide database, byte[] nonce, CancellationToken cancellationToken)
    {
        await tool.SendAsync(
                writer =>
                {
                    writer.Byte(AuthMoreData);
                    writer.Bytes(Encoding.ASCII.GetBytes(Key.Value.ExportSubjectPublicKeyInfoPem()));
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        var encrypted = await tool.ReadNextAsync(cancellationToken).ConfigureAwait(false);
        var password = GC.AllocateUninitializedArray<byte>(KeyBits / 8, pinned: true);
        try
        {
            var length = Decrypt(encrypted.Payload.Span, password);
            for (var i = 0; i < length && nonce.Length > 0; i++)
            {
                password[i] ^= nonce[i % nonce.Length];
            }

            await database.WriteAsync(password.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }

    private static int Decrypt(ReadOnlySpan<byte> encrypted, Span<byte> password)
    {
        try
        {
            return Key.Value.Decrypt(encrypted, password, RSAEncryptionPadding.OaepSHA1);
        }
        catch (CryptographicException e)
        {
            throw new LoginException(
                LoginError.ToolUnsupported,
                "The tool's password can't be read: it isn't encrypted with the key that the tool asked for.",
                e
            );
        }
    }
}
