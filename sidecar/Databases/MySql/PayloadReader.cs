using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace RdsTunnel.Databases.MySql;

/// <summary>Reads the fields of a payload, each within what is left of it.</summary>
/// <exception cref="MalformedPacketException">From every method: the payload ends before the field does.</exception>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    /// <summary>A name of a plugin is an identifier; the longest in use has 23 letters.</summary>
    private const int MaxNameBytes = 64;

    private static readonly SearchValues<byte> OfNames = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"u8
    );

    private ReadOnlySpan<byte> _left = payload;

    public readonly bool IsAtEnd => _left.IsEmpty;

    public readonly int LeftBytes => _left.Length;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)_left.Length)
        {
            throw new MalformedPacketException("a packet ends in the middle of a field");
        }

        var bytes = _left[..count];
        _left = _left[count..];
        return bytes;
    }

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public ReadOnlySpan<byte> Rest() => Bytes(_left.Length);

    /// <summary>Without the zero that ends it.</summary>
    public ReadOnlySpan<byte> ZeroTerminated()
    {
        var end = _left.IndexOf((byte)0);
        if (end < 0)
        {
            throw new MalformedPacketException("a string has no end");
        }

        var bytes = Bytes(end);
        Bytes(1);
        return bytes;
    }

    /// <summary>Some peers leave out the zero at the end of a packet.</summary>
    public ReadOnlySpan<byte> ZeroTerminatedOrRest() => _left.Contains((byte)0) ? ZeroTerminated() : Rest();

    public ReadOnlySpan<byte> LengthEncoded()
    {
        ulong length = Byte() switch
        {
            < 0xfb and var one => one,
            0xfc => UInt16(),
            0xfd => (ulong)(UInt16() | (Byte() << 16)),
            0xfe => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8)),
            _ => throw new MalformedPacketException("a length is no number"),
        };
        return length > (ulong)_left.Length ? throw new MalformedPacketException("a field is longer than its packet") : Bytes((int)length);
    }

    /// <summary>The name of an authentication plugin, safe to be logged: letters, digits, <c>_</c> and <c>-</c>.</summary>
    public string PluginName()
    {
        var name = ZeroTerminatedOrRest();
        if (name.Length > MaxNameBytes || name.ContainsAnyExcept(OfNames))
        {
            throw new MalformedPacketException("the name of an authentication plugin is none");
        }

        return Encoding.ASCII.GetString(name);
    }
}
