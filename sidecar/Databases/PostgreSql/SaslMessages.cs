using System.Buffers.Binary;
using System.Text;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>SASL within PostgreSQL's messages.</summary>
/// <remarks><code>
/// AuthenticationSASL           10 (4)  mechanism 00 … 00
/// SASLInitialResponse          mechanism 00  length (4)  data
/// </code></remarks>
internal static class SaslMessages
{
    private const int Sasl = 10;

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
        return new PostgreSqlFrame(PostgreSqlFrame.Authentication, (byte[])[0, 0, 0, Sasl, .. Encoding.UTF8.GetBytes(string.Concat(names)), 0]);
    }

    public static byte[] Initial(string mechanism, byte[] data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        return [.. Encoding.ASCII.GetBytes(mechanism), 0, .. length, .. data];
    }
}
