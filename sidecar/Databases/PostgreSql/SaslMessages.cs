using System.Buffers.Binary;
using System.Text;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>SASL within PostgreSQL's messages.</summary>
/// <remarks><code>
/// AuthenticationSASL           10 (4)  mechanism 00 … 00
/// AuthenticationSASLContinue   11 (4)  data
/// AuthenticationSASLFinal      12 (4)  data
/// SASLInitialResponse          mechanism 00  length (4)  data
/// </code></remarks>
internal static class SaslMessages
{
    public const int Sasl = 10;
    public const int Continue = 11;
    public const int Final = 12;

    /// <summary>A server knows two.</summary>
    private const int MaxMechanisms = 32;

    /// <exception cref="LoginException">It is no list.</exception>
    public static List<string> Mechanisms(ReadOnlyMemory<byte> data)
    {
        var rest = data.Span;
        var names = new List<string>();
        while (PostgreSqlFrame.ReadText(ref rest) is { Length: > 0 } name)
        {
            names.Add(name);
            if (names.Count > MaxMechanisms)
            {
                throw PostgreSqlFrame.Malformed();
            }
        }

        return names;
    }

    /// <exception cref="LoginException">It is no list.</exception>
    public static PostgreSqlFrame WithoutChannelBinding(ReadOnlyMemory<byte> data)
    {
        var names = Mechanisms(data).Where(name => !name.EndsWith("-PLUS", StringComparison.Ordinal)).Select(name => name + "\0");
        return new PostgreSqlFrame(
            PostgreSqlFrame.Authentication,
            (byte[])[0, 0, 0, (byte)Sasl, .. Encoding.UTF8.GetBytes(string.Concat(names)), 0]
        );
    }

    /// <summary>A server's message.</summary>
    public static byte[] Request(int kind, ReadOnlySpan<byte> data) =>
        new PostgreSqlFrame(PostgreSqlFrame.Authentication, (byte[])[0, 0, 0, (byte)kind, .. data]).ToBytes();

    /// <returns>A client's first data; null when it is none, or for another mechanism.</returns>
    public static ReadOnlyMemory<byte>? ReadInitial(ReadOnlyMemory<byte> body, string mechanism)
    {
        var data = mechanism.Length + 1 + 4;
        return
            body.Length >= data
            && body.Span[..(mechanism.Length + 1)].SequenceEqual(Encoding.ASCII.GetBytes(mechanism + "\0"))
            && BinaryPrimitives.ReadInt32BigEndian(body.Span[(mechanism.Length + 1)..]) == body.Length - data
            ? body[data..]
            : null;
    }

    public static byte[] Initial(string mechanism, byte[] data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        return [.. Encoding.ASCII.GetBytes(mechanism), 0, .. length, .. data];
    }
}
