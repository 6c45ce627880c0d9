using System.Buffers.Binary;

namespace RdsTunnel.Loopback;

/// <summary>Reads TOKEN_USER: a pointer to a SID, attributes, and behind them the SID itself.</summary>
/// <remarks><code>
/// 0  8  where the SID is          SID:  0  1  revision, 1
/// 8  4  attributes                      1  1  number of parts, 15 at most
/// 16    the SID                         2  6  authority
///                                       8  4  for each part
/// </code></remarks>
internal static class TokenUser
{
    private const int HeadBytes = 16;
    private const int SidHeadBytes = 8;
    private const byte Revision = 1;
    private const int MostParts = 15;

    /// <param name="information">As Windows has written it.</param>
    /// <param name="address">Where it wrote that: the pointer is counted from there.</param>
    /// <returns>Empty when it is none.</returns>
    public static ReadOnlySpan<byte> SidOf(ReadOnlySpan<byte> information, long address)
    {
        if (information.Length < HeadBytes)
        {
            return [];
        }

        var start = BinaryPrimitives.ReadInt64LittleEndian(information) - address;
        if (start < HeadBytes || start > information.Length - SidHeadBytes)
        {
            return [];
        }

        var sid = information[(int)start..];
        var length = SidHeadBytes + (4 * sid[1]);
        return sid[0] == Revision && sid[1] <= MostParts && length <= sid.Length ? sid[..length] : [];
    }
}
