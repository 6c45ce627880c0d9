using System.Buffers.Binary;
using System.Text;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>One message after the startup: a letter, and what belongs to it.</summary>
/// <remarks><code>
/// type (1)  length of itself and the body (4)  body
/// </code><see href="https://www.postgresql.org/docs/current/protocol-message-formats.html"/></remarks>
internal readonly record struct PostgreSqlFrame(byte Type, ReadOnlyMemory<byte> Body)
{
    public const byte Authentication = (byte)'R';
    public const byte BackendKeyData = (byte)'K';
    public const byte ErrorResponse = (byte)'E';
    public const byte NegotiateProtocolVersion = (byte)'v';
    public const byte Notice = (byte)'N';
    public const byte ParameterStatus = (byte)'S';
    public const byte Password = (byte)'p';
    public const byte ReadyForQuery = (byte)'Z';

    /// <summary>Until the sign-in is complete. Servers send some hundred bytes; a notice or a setting may have some thousand.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    private const int HeaderBytes = 5;

    /// <exception cref="LoginException">It is none, or too long.</exception>
    /// <exception cref="EndOfStreamException">The connection has ended.</exception>
    public static async Task<PostgreSqlFrame> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        await stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4L;
        if (length is < 0 or > MaxBodyBytes)
        {
            throw Malformed();
        }

        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
        return new PostgreSqlFrame(header[0], body);
    }

    /// <summary>As it goes over the wire.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderBytes + Body.Length];
        bytes[0] = Type;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), 4 + Body.Length);
        Body.Span.CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    public static LoginException Malformed() =>
        new(
            LoginError.ProtocolError,
            "The database sent a message that isn't PostgreSQL's. Check that the tunnel's host and port are a PostgreSQL database's."
        );

    /// <summary>A text that ends in a zero byte; moves on behind it.</summary>
    /// <exception cref="LoginException">There is no end.</exception>
    public static string ReadText(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)0);
        if (end < 0)
        {
            throw Malformed();
        }

        var text = Encoding.UTF8.GetString(rest[..end]);
        rest = rest[(end + 1)..];
        return text;
    }
}
