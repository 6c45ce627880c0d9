namespace RdsTunnel.Databases.MySql;

/// <summary>Where the packets are in bytes that pass by in pieces. Mutable: keep it in a field.</summary>
/// <remarks>It keeps a header's bytes until they are four, and no payload.</remarks>
internal struct PacketWalk
{
    public const int HeaderBytes = 4;

    private int _header;
    private int _headerBytes;

    /// <summary>What is still to come of the payload.</summary>
    public int LeftBytes { get; private set; }

    /// <summary>Between two packets.</summary>
    public readonly bool IsAtBoundary => LeftBytes == 0 && _headerBytes == 0;

    /// <summary>Goes over all of <paramref name="bytes"/>, and gives each packet the number that is due.</summary>
    /// <param name="next">The number of the next packet that begins.</param>
    public void Renumber(Span<byte> bytes, ref byte next)
    {
        while (!bytes.IsEmpty)
        {
            if (LeftBytes > 0)
            {
                var skipped = Math.Min(LeftBytes, bytes.Length);
                LeftBytes -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            if (_headerBytes < HeaderBytes - 1)
            {
                _header |= bytes[0] << (8 * _headerBytes++);
            }
            else
            {
                bytes[0] = next++;
                LeftBytes = _header;
                (_header, _headerBytes) = (0, 0);
            }

            bytes = bytes[1..];
        }
    }

    /// <summary>Goes on within the payload.</summary>
    /// <returns>How many bytes that were.</returns>
    public int Skip(int availableBytes)
    {
        var skipped = Math.Min(LeftBytes, availableBytes);
        LeftBytes -= skipped;
        return skipped;
    }

    /// <summary>A header that is there whole, at a boundary.</summary>
    public (int Length, byte Number) Enter(ReadOnlySpan<byte> header)
    {
        LeftBytes = header[0] | (header[1] << 8) | (header[2] << 16);
        return (LeftBytes, header[3]);
    }
}
