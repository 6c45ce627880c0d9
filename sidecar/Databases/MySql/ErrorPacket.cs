using System.Buffers;
using System.Text;

namespace RdsTunnel.Databases.MySql;

/// <summary>Why there is no sign-in: <code>ff  number (2)  [# SQLSTATE (5)]  text</code></summary>
/// <param name="State">Five letters and digits; empty before client and server know each other's version.</param>
internal sealed record ErrorPacket(ushort Number, string State, string Text)
{
    private const byte Mark = 0xff;
    private const int StateBytes = 5;
    private static readonly SearchValues<byte> OfStates = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    /// <exception cref="MalformedPacketException"/>
    public static ErrorPacket Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        reader.Byte();
        var number = reader.UInt16();
        var rest = reader.Rest();
        if (rest.Length <= StateBytes || rest[0] != '#' || rest.Slice(1, StateBytes).ContainsAnyExcept(OfStates))
        {
            return new ErrorPacket(number, "", Encoding.UTF8.GetString(rest));
        }

        return new ErrorPacket(
            number,
            Encoding.ASCII.GetString(rest.Slice(1, StateBytes)),
            Encoding.UTF8.GetString(rest[(1 + StateBytes)..])
        );
    }

    public void Write(PayloadWriter writer)
    {
        writer.Byte(Mark);
        writer.UInt16(Number);
        if (State.Length > 0)
        {
            writer.Byte((byte)'#');
            writer.Bytes(Encoding.ASCII.GetBytes(State));
        }

        writer.Bytes(Encoding.UTF8.GetBytes(Text));
    }
}
