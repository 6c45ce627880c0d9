using System.Net.Sockets;
using System.Security.Cryptography;

namespace RdsTunnel.Tunnels.Tests.Support;

/// <summary>Reproducible bytes, sent and received whole, compared by digest.</summary>
internal static class Bytes
{
    public static byte[] Random(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    public static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count; )
        {
            var received = await socket.ReceiveAsync(bytes.AsMemory(at));
            Assert.True(received > 0, $"The connection ended after {at} of {count} bytes.");
            at += received;
        }

        return bytes;
    }

    /// <summary>The digest of all that comes until the end.</summary>
    public static async Task<(long Count, string Digest)> DigestToEndAsync(Socket socket)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        long total = 0;
        while (await socket.ReceiveAsync(buffer) is var count && count > 0)
        {
            digest.AppendData(buffer, 0, count);
            total += count;
        }

        return (total, Convert.ToHexString(digest.GetHashAndReset()));
    }

    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes));
}
