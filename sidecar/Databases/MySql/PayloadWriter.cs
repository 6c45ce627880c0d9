using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Databases.MySql;

/// <summary>Builds a payload. What it holds may be a password: everything is overwritten when it
/// grows and when it is disposed of.</summary>
internal sealed class PayloadWriter : IDisposable
{
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(512, pinned: true);
    private int _length;

    /// <summary>Good until the next write, or the disposal.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void ZeroTerminated(ReadOnlySpan<byte> bytes)
    {
        Bytes(bytes);
        Byte(0);
    }

    public void ZeroTerminated(string name) => ZeroTerminated(Encoding.UTF8.GetBytes(name));

    public void LengthEncoded(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 0xfb)
        {
            Byte((byte)bytes.Length);
        }
        else if (bytes.Length <= ushort.MaxValue)
        {
            Byte(0xfc);
            UInt16((ushort)bytes.Length);
        }
        else
        {
            Byte(0xfd);
            UInt16((ushort)bytes.Length);
            Byte((byte)(bytes.Length >> 16));
        }

        Bytes(bytes);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_buffer);
        _length = 0;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(_buffer.Length * 2, _length + count), pinned: true);
            _buffer.AsSpan(0, _length).CopyTo(larger);
            CryptographicOperations.ZeroMemory(_buffer);
            _buffer = larger;
        }

        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}
