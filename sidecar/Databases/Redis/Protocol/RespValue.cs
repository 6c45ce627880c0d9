using System.Buffers;
using System.Globalization;
using System.Text;

namespace RdsTunnel.Databases.Redis.Protocol;

/// <summary>A whole reply, as a tree.</summary>
/// <param name="Type">Its first byte.</param>
/// <param name="Text">Of a line, or of a bulk.</param>
/// <param name="Items">Of an array; keys and values in turn where it is a map.</param>
internal sealed record RespValue(byte Type, ReadOnlyMemory<byte> Text, RespValue[]? Items = null)
{
    /// <summary>What clusters say of themselves has four.</summary>
    private const int MaxDepth = 16;

    public bool IsBulk => Type is (byte)'$' or (byte)'=' && !IsNull;

    /// <summary>Nothing: <c>$-1</c>, <c>*-1</c>, <c>_</c>.</summary>
    public bool IsNull { get; private init; }

    public string Words => Encoding.UTF8.GetString(Text.Span);

    public int? Number => Type == (byte)':' && int.TryParse(Words, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static RespValue Bulk(string text) => new((byte)'$', Encoding.UTF8.GetBytes(text));

    public static RespValue Integer(int number) => new((byte)':', Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    /// <param name="reply">Whole, as <see cref="RespFraming"/> has found it.</param>
    /// <exception cref="MalformedRespException">It has other types than the replies of a cluster.</exception>
    public static RespValue Parse(ReadOnlyMemory<byte> reply)
    {
        var value = Parse(ref reply, MaxDepth);
        return reply.IsEmpty ? value : throw new MalformedRespException("a reply is followed by something");
    }

    public byte[] ToBytes()
    {
        var into = new ArrayBufferWriter<byte>();
        Write(into);
        return into.WrittenSpan.ToArray();
    }

    private static RespValue Parse(ref ReadOnlyMemory<byte> rest, int depth)
    {
        var end = rest.Span.IndexOf("\r\n"u8);
        if (end < 1 || depth == 0)
        {
            throw new MalformedRespException("a reply is cut off, or nested too deeply");
        }

        var line = rest[..(end + 2)];
        var type = line.Span[0];
        var text = line[1..^2];
        rest = rest[line.Length..];
        switch ((char)type)
        {
            case '+' or '-' or ':' or ',' or '#' or '(' or '_':
                return new(type, text) { IsNull = type == (byte)'_' };
            case '$' or '=' or '!' when LengthIn(line) is >= 0 and var length && length + 2 <= rest.Length:
                var payload = rest[..(int)length];
                rest = rest[((int)length + 2)..];
                return new(type, payload);
            case '*' or '~' or '>' or '%' when LengthIn(line) is >= 0 and var count && count <= rest.Length:
                var items = new List<RespValue>();
                for (var missing = type == (byte)'%' ? count * 2 : count; missing > 0; missing--)
                {
                    items.Add(Parse(ref rest, depth - 1));
                }

                return new(type, default, [.. items]);
            case '$' or '*' when LengthIn(line) == -1:
                return new(type, default) { IsNull = true };
            default:
                throw new MalformedRespException("a reply has a type that clusters don't use");
        }
    }

    private static long LengthIn(ReadOnlyMemory<byte> line) =>
        RespReader.TryNumber(line.Span, out var number) ? number : throw new MalformedRespException("a length is no number");

    private void Write(ArrayBufferWriter<byte> into)
    {
        into.Write([Type]);
        if (Items is not null)
        {
            WriteNumber(into, Type == (byte)'%' ? Items.Length / 2 : Items.Length);
            foreach (var item in Items)
            {
                item.Write(into);
            }

            return;
        }

        if (IsNull && Type != (byte)'_')
        {
            WriteNumber(into, -1);
            return;
        }

        if (Type is (byte)'$' or (byte)'=' or (byte)'!')
        {
            WriteNumber(into, Text.Length);
        }

        into.Write(Text.Span);
        into.Write("\r\n"u8);
    }

    private static void WriteNumber(ArrayBufferWriter<byte> into, int number) =>
        into.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number}\r\n")));
}
