using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary><code>"md5" hex(md5(hex(md5(password user)) salt)) 00</code></summary>
internal static class Md5Answer
{
    public static byte[] Create(DatabaseCredentials credentials, ReadOnlySpan<byte> salt)
    {
        byte[] secret = [.. credentials.Password.Span, .. Encoding.UTF8.GetBytes(credentials.User)];
        byte[] salted = [.. Hash(secret), .. salt];
        CryptographicOperations.ZeroMemory(secret);
        byte[] answer = [.. "md5"u8, .. Hash(salted), 0];
        CryptographicOperations.ZeroMemory(salted);
        return answer;
    }

#pragma warning disable CA5351 // the server asks for it; nothing but verified TLS carries it
    private static byte[] Hash(byte[] data) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(MD5.HashData(data)));
#pragma warning restore CA5351
}
