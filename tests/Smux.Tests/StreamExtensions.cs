using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace RdsTunnel.Smux.Tests;

internal static class StreamExtensions
{
    public static byte[] RandomBytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Exactly <paramref name="count"/> bytes.</summary>
    public static async Task<byte[]> ReadExactlyAsync(this PipeReader input, int count)
    {
        var result = await input.ReadAtLeastAsync(count, Patience.Token());
        var data = result.Buffer.Slice(0, count);
        var bytes = data.ToArray();
        input.AdvanceTo(data.End);
        return bytes;
    }

    /// <summary>Reads to the end.</summary>
    public static async Task<(long Bytes, string Digest)> DigestAsync(this PipeReader input)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = 0L;
        while (true)
        {
            var result = await input.ReadAsync(Patience.Token());
            foreach (var memory in result.Buffer)
                hash.AppendData(memory.Span);
            bytes += result.Buffer.Length;
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return (bytes, Convert.ToHexString(hash.GetHashAndReset()));
        }
    }

    /// <summary>Takes all that is there until the other side has completed.</summary>
    public static async Task<ReadResult> ReadToEndAsync(this PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync(Patience.Token());
            if (result.IsCompleted)
                return result;
            input.AdvanceTo(result.Buffer.End);
        }
    }

    public static string Digest(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    /// <summary>Writes in pieces, so that the outbox's bound is felt.</summary>
    public static async Task SendAsync(this SmuxStream stream, ReadOnlyMemory<byte> data, int pieceBytes = 8 * 1024)
    {
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(pieceBytes, data.Length)];
            await stream.Output.WriteAsync(piece, Patience.Token());
            data = data[piece.Length..];
        }
    }

    public static async Task<SmuxStreamException> ReadErrorAsync(this SmuxStream stream) =>
        await Assert.ThrowsAsync<SmuxStreamException>(() => stream.Input.ReadAsync(Patience.Token()).AsTask());

    public static async Task<SmuxException> FailureAsync(this SmuxSession session) =>
        await Assert.ThrowsAsync<SmuxException>(() => session.Completion.Soon());
}
