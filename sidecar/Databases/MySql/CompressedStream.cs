using System.Buffers;
using System.IO.Compression;
using System.Net.Security;

namespace RdsTunnel.Databases.MySql;

/// <summary>Plain packets on this side, compressed ones (zlib) on the database's. One reads while
/// one writes. The database's stream belongs to it.</summary>
/// <remarks><code>
///  0               3          4                     7
/// ┌───────────────┬──────────┬─────────────────────┬──────────────┐
/// │ length        │ sequence │ length uncompressed │ body         │
/// │ u24 LE        │ u8       │ u24 LE, 0: as it is │ length × u8  │
/// └───────────────┴──────────┴─────────────────────┴──────────────┘
/// </code>A body holds a piece of the stream of packets, which need not end with it. It is passed
/// on while it is read, so the length of 16 MiB that a server may
/// claim costs nothing.
/// <see href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_compression.html"/></remarks>
internal sealed class CompressedStream(Stream database) : DuplexStream
{
    public const int HeaderBytes = 7;

    /// <summary>A packet of its own for each: small enough to keep a buffer for, large enough that
    /// the window of 32 KiB finds what repeats.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>Less gets no shorter; servers have the same bound.</summary>
    private const int MinCompressedBytes = 50;

    private const int MaxPacketBytes = 0xffffff;
    private const byte Quit = 0x01;
    private const byte SendLongData = 0x18;
    private const byte CloseStatement = 0x19;

    private readonly Turns _turns = new();

    // The reader's.
    private readonly byte[] _header = new byte[HeaderBytes];
    private CompressedBody _body = new(database, 0);
    private ZLibStream? _inflated;
    private int _leftBytes;
    private PacketWalk _received;
    private byte _next;

    // The writer's.
    private byte[] _held = [];
    private PacketWalk _sent;
    private byte _number;
    private int _length;
    private bool _isReply;

    /// <exception cref="IOException">The database's packets are none, or it has gone in the middle of one.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return _leftBytes > 0 ? 0 : await database.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        if (_leftBytes == 0 && !await ReadHeaderAsync(cancellationToken).ConfigureAwait(false))
        {
            return 0;
        }

        var piece = buffer[..Math.Min(buffer.Length, _leftBytes)];
        var read = _inflated is null
            ? await _body.ReadAsync(piece, cancellationToken).ConfigureAwait(false)
            : await InflateAsync(_inflated, piece, cancellationToken).ConfigureAwait(false);
        _leftBytes -= read;
        if (_leftBytes == 0)
        {
            await EndBodyAsync(cancellationToken).ConfigureAwait(false);
        }

        _received.Renumber(piece.Span[..read], ref _next);
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_held.Length > 0)
        {
            buffer = (byte[])[.. _held, .. buffer.Span];
            _held = [];
        }

        var begin = 0;
        for (var position = 0; position < buffer.Length; )
        {
            if (_sent.LeftBytes > 0)
            {
                position += _sent.Skip(buffer.Length - position);
                continue;
            }

            if (!HasHeader(buffer.Span[position..]))
            {
                _held = buffer[position..].ToArray();
                buffer = buffer[..position];
                break;
            }

            if (!GoesOn(buffer.Span[position + 3]))
            {
                await SendAsync(buffer[begin..position], cancellationToken).ConfigureAwait(false);
                begin = position;
                BeginTurn(buffer.Span[position..]);
            }

            (_length, _number) = _sent.Enter(buffer.Span[position..]);
            _turns.OnPacket(_number);
            position += PacketWalk.HeaderBytes;
        }

        await SendAsync(buffer[begin..], cancellationToken).ConfigureAwait(false);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => database.FlushAsync(cancellationToken);

    public override Task EndOutputAsync() => database is SslStream tls ? tls.ShutdownAsync() : Task.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        if (_inflated is not null)
        {
            await _inflated.DisposeAsync().ConfigureAwait(false);
        }

        await database.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    // A command's first byte is waited for as well: it tells whether there will be an answer.
    private static bool HasHeader(ReadOnlySpan<byte> bytes) =>
        bytes.Length > PacketWalk.HeaderBytes || (bytes.Length == PacketWalk.HeaderBytes && (bytes[0] | bytes[1] | bytes[2]) == 0);

    // A part of what went before: of a payload of 16 MiB, or of the content of a file, which ends with an empty packet.
    private bool GoesOn(byte number) => number == (byte)(_number + 1) && (_length == MaxPacketBytes || (_isReply && _length > 0));

    private void BeginTurn(ReadOnlySpan<byte> packet)
    {
        _isReply = packet[3] != 0;
        if (_isReply)
        {
            _turns.BeginReply();
        }
        else
        {
            _turns.BeginCommand(
                hasAnswer: packet.Length == PacketWalk.HeaderBytes
                    || packet[PacketWalk.HeaderBytes] is not (Quit or SendLongData or CloseStatement)
            );
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, MaxBodyBytes)];
            var packet = ArrayPool<byte>.Shared.Rent(HeaderBytes + piece.Length);
            try
            {
                var length = Compress(piece.Span, packet);
                await database.WriteAsync(packet.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(packet, clearArray: true);
            }

            bytes = bytes[piece.Length..];
        }
    }

    private int Compress(ReadOnlySpan<byte> piece, byte[] packet)
    {
        var length = piece.Length < MinCompressedBytes ? 0 : Deflate(piece, packet.AsMemory(HeaderBytes, piece.Length));
        var uncompressed = length == 0 ? 0 : piece.Length;
        if (length == 0)
        {
            piece.CopyTo(packet.AsSpan(HeaderBytes));
            length = piece.Length;
        }

        (packet[0], packet[1], packet[2]) = ((byte)length, (byte)(length >> 8), (byte)(length >> 16));
        packet[3] = _turns.NextCompressed();
        (packet[4], packet[5], packet[6]) = ((byte)uncompressed, (byte)(uncompressed >> 8), (byte)(uncompressed >> 16));
        return HeaderBytes + length;
    }

    // 0 when it does not get shorter.
    private static int Deflate(ReadOnlySpan<byte> piece, Memory<byte> into)
    {
        using var deflated = new MemoryStream(piece.Length);
        using (var zlib = new ZLibStream(deflated, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(piece);
        }

        var bytes = deflated.GetBuffer().AsSpan(0, (int)deflated.Length);
        if (bytes.Length >= piece.Length)
        {
            return 0;
        }

        bytes.CopyTo(into.Span);
        return bytes.Length;
    }

    // False when the database has ended the connection, between two packets.
    private async ValueTask<bool> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        var read = await database
            .ReadAtLeastAsync(_header, HeaderBytes, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
        if (read < HeaderBytes)
        {
            return read == 0 ? false : throw new EndOfStreamException();
        }

        var length = _header[0] | (_header[1] << 8) | (_header[2] << 16);
        var uncompressed = _header[4] | (_header[5] << 8) | (_header[6] << 16);
        if (length == 0)
        {
            throw Malformed();
        }

        _body = new CompressedBody(database, length);
        _inflated = uncompressed == 0 ? null : new ZLibStream(_body, CompressionMode.Decompress, leaveOpen: true);
        _leftBytes = uncompressed == 0 ? length : uncompressed;
        _turns.OnReceived(_header[3], _received.IsAtBoundary, ref _next);
        return true;
    }

    private static async ValueTask<int> InflateAsync(ZLibStream inflated, Memory<byte> piece, CancellationToken cancellationToken)
    {
        try
        {
            var read = await inflated.ReadAsync(piece, cancellationToken).ConfigureAwait(false);
            return read > 0 ? read : throw Malformed();
        }
        catch (InvalidDataException)
        {
            throw Malformed();
        }
    }

    private async ValueTask EndBodyAsync(CancellationToken cancellationToken)
    {
        if (_inflated is null)
        {
            return;
        }

        try
        {
            // The checksum comes last, and is looked at only then.
            if (await _inflated.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) > 0 || _body.LeftBytes > 0)
            {
                throw Malformed();
            }
        }
        catch (InvalidDataException)
        {
            throw Malformed();
        }

        await _inflated.DisposeAsync().ConfigureAwait(false);
        _inflated = null;
    }

    private static CompressionBrokenException Malformed() => new();
}
