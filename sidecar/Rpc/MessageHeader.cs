using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace RdsTunnel.Rpc;

/// <summary>What stands before each message.</summary>
/// <remarks>
/// <code>
/// Content-Length: 85\r\n                                             bytes of content, required
/// Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n        optional
/// \r\n
/// {"jsonrpc":"2.0", …}                                               exactly 85 bytes of UTF-8
/// </code>
/// </remarks>
internal readonly record struct MessageHeader(long ContentLengthBytes, bool IsUtf8)
{
    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    /// <summary>Parses the lines before the empty one. Names are case-insensitive; unknown ones are tolerated.</summary>
    /// <exception cref="FramingException">No usable Content-Length.</exception>
    public static MessageHeader Parse(ReadOnlySpan<byte> lines)
    {
        long? contentLengthBytes = null;
        var isUtf8 = true;
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf(LineEnd);
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? [] : lines[(end + LineEnd.Length)..];

            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                throw new FramingException("A header line has no name.");
            }

            var name = Encoding.Latin1.GetString(line[..colon]).Trim();
            var value = line[(colon + 1)..].Trim(" \t"u8);
            if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                contentLengthBytes = contentLengthBytes is null
                    ? ParseLength(value)
                    : throw new FramingException("Content-Length is given twice.");
            }
            else if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                isUtf8 = NamesUtf8(Encoding.Latin1.GetString(value));
            }
        }

        return new(contentLengthBytes ?? throw new FramingException("Content-Length is missing."), isUtf8);
    }

    public static void Write(IBufferWriter<byte> output, int contentLengthBytes)
    {
        output.Write("Content-Length: "u8);
        var digits = output.GetSpan(11);
        _ = Utf8Formatter.TryFormat(contentLengthBytes, digits, out var written);
        output.Advance(written);
        output.Write("\r\n\r\n"u8);
    }

    private static long ParseLength(ReadOnlySpan<byte> value) =>
        value.Length is > 0 and <= 18
        && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9')
        && Utf8Parser.TryParse(value, out long length, out _)
            ? length
            : throw new FramingException("Content-Length is not a number of bytes.");

    // "utf8" is what old clients send.
    private static bool NamesUtf8(string contentType)
    {
        const string Charset = "charset=";
        var start = contentType.IndexOf(Charset, StringComparison.OrdinalIgnoreCase);
        return start < 0 || contentType[(start + Charset.Length)..].Split(';')[0].Trim(' ', '"').ToUpperInvariant() is "UTF-8" or "UTF8";
    }
}
