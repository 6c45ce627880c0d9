namespace RdsTunnel.Databases.MySql;

/// <summary>A packet is not what the protocol says. The words name the part, and never quote what was sent.</summary>
#pragma warning disable CA1032 // it has a reason, always
internal class MalformedPacketException(string words) : Exception(words);

/// <summary>A packet of which only the header was read.</summary>
internal sealed class PacketTooLongException(byte sequence) : MalformedPacketException("a packet is too long")
{
    public byte Sequence => sequence;
}
#pragma warning restore CA1032
