using System.IO.Compression;

namespace RdsTunnel.Databases.Tests.MySql;

/// <summary>The server's end of a compressed connection. It counts as MySQL's and MariaDB's
/// net_serv.c do: only compressed packets are checked, and with each flush
/// the count of the packets within is set to that of the compressed ones.</summary>
internal sealed class CompressingServer(Stream stream)
{
    private const int MaxPacketBytes = 0xffffff;
    private readonly List<byte> _out = [];
    private readonly List<byte> _in = [];
    private byte _compressed;
    private byte _packet;

    public int CompressedReceived { get; private set; }

    /// <summary>A whole command, whose counts begin anew.</summary>
    public async Task<byte[]> ReadCommandAsync()
    {
        Assert.Empty(_in);
        _compressed = 0;
        return await ReadPayloadAsync();
    }

    /// <summary>What was asked for in the middle of a command.</summary>
    public async Task<byte[]> ReadPayloadAsync()
    {
        var payload = new List<byte>();
        int length;
        do
        {
            var header = await TakeAsync(4);
            length = header[0] | (header[1] << 8) | (header[2] << 16);
            payload.AddRange(await TakeAsync(length));
        } while (length == MaxPacketBytes);
        _packet = _compressed;
        return [.. payload];
    }

    public void Write(byte[] payload)
    {
        var rest = payload.AsSpan();
        while (true)
        {
            var piece = rest[..Math.Min(rest.Length, MaxPacketBytes)];
            _out.AddRange([(byte)piece.Length, (byte)(piece.Length >> 8), (byte)(piece.Length >> 16), _packet++]);
            _out.AddRange(piece);
            rest = rest[piece.Length..];
            if (piece.Length < MaxPacketBytes)
            {
                return;
            }
        }
    }

    /// <param name="pieceBytes">Each compressed packet holds so much.</param>
    public async Task FlushAsync(int pieceBytes)
    {
        var bytes = _out.ToArray();
        _out.Clear();
        for (var position = 0; position < bytes.Length; position += pieceBytes)
        {
            await SendAsync(bytes[position..Math.Min(bytes.Length, position + pieceBytes)]);
        }

        _packet = _compressed;
    }

    public static byte[] Deflate(byte[] bytes)
    {
        using var deflated = new MemoryStream();
        using (var zlib = new ZLibStream(deflated, CompressionLevel.Fastest))
        {
            zlib.Write(bytes);
        }

        return deflated.ToArray();
    }

    public static byte[] Header(int length, byte number, int uncompressed) =>
        [
            (byte)length,
            (byte)(length >> 8),
            (byte)(length >> 16),
            number,
            (byte)uncompressed,
            (byte)(uncompressed >> 8),
            (byte)(uncompressed >> 16),
        ];

    private async Task SendAsync(byte[] piece)
    {
        var deflated = piece.Length < 50 ? piece : Deflate(piece);
        byte[] packet =
            deflated.Length < piece.Length
                ? [.. Header(deflated.Length, _compressed++, piece.Length), .. deflated]
                : [.. Header(piece.Length, _compressed++, 0), .. piece];
        await stream.WriteAsync(packet);
    }

    private async Task<byte[]> TakeAsync(int count)
    {
        while (_in.Count < count)
        {
            var header = new byte[7];
            await stream.ReadExactlyAsync(header);
            Assert.Equal(_compressed++, header[3]);
            CompressedReceived++;
            var body = new byte[header[0] | (header[1] << 8) | (header[2] << 16)];
            await stream.ReadExactlyAsync(body);
            var uncompressed = header[4] | (header[5] << 8) | (header[6] << 16);
            if (uncompressed > 0)
            {
                using var zlib = new ZLibStream(new MemoryStream(body), CompressionMode.Decompress);
                body = new byte[uncompressed];
                await zlib.ReadExactlyAsync(body);
                Assert.Equal(-1, zlib.ReadByte());
            }

            _in.AddRange(body);
        }

        var taken = _in[..count].ToArray();
        _in.RemoveRange(0, count);
        return taken;
    }
}
