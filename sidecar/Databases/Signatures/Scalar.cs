using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RdsTunnel.Databases.Signatures;

/// <summary>Numbers modulo the order of the base point, L = 2²⁵² + 27742317777372353535851937790883648493
/// (<see href="https://www.rfc-editor.org/rfc/rfc8032#section-5.1"/>), as bytes, the lowest first.</summary>
/// <remarks>In limbs of 32 bits, whose sums and products fit in 64. The steps are the same whatever the numbers
/// are, and what was secret is overwritten.</remarks>
internal static class Scalar
{
    public const int Bytes = 32;
    private const int Limbs = 8;

    private static ReadOnlySpan<uint> Order => [0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000];

    /// <param name="wide">64 bytes, as a hash has.</param>
    public static void Reduce(ReadOnlySpan<byte> wide, Span<byte> scalar)
    {
        Span<uint> number = stackalloc uint[2 * Limbs];
        Read(wide, number);
        Reduce(number, scalar);
        Zero(number);
    }

    /// <summary><code>result = a × b + c</code></summary>
    public static void MultiplyAdd(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result)
    {
        Span<uint> x = stackalloc uint[Limbs];
        Span<uint> y = stackalloc uint[Limbs];
        Span<uint> sum = stackalloc uint[2 * Limbs];
        sum.Clear();
        Read(a, x);
        Read(b, y);
        Read(c, sum[..Limbs]);
        for (var i = 0; i < Limbs; i++)
        {
            ulong carry = 0;
            for (var j = 0; j < Limbs; j++)
            {
                carry += sum[i + j] + ((ulong)x[i] * y[j]); // (2³² − 1)² + 2 (2³² − 1) = 2⁶⁴ − 1: it just fits
                sum[i + j] = (uint)carry;
                carry >>= 32;
            }

            sum[i + Limbs] = (uint)carry; // nothing has been added here yet
        }

        Reduce(sum, result);
        Zero(x);
        Zero(y);
        Zero(sum);
    }

    /// <summary>Division by hand: bit after bit from the top, L is taken off whenever it fits.</summary>
    private static void Reduce(ReadOnlySpan<uint> number, Span<byte> scalar)
    {
        Span<uint> rest = stackalloc uint[Limbs]; // below L, which leaves room for one more bit
        Span<uint> less = stackalloc uint[Limbs];
        rest.Clear();
        for (var bit = (number.Length * 32) - 1; bit >= 0; bit--)
        {
            var next = (number[bit >> 5] >> (bit & 31)) & 1;
            long borrow = 0; // 0 or −1
            for (var i = 0; i < Limbs; i++)
            {
                var limb = (rest[i] << 1) | next;
                next = rest[i] >> 31;
                rest[i] = limb;
                borrow += (long)limb - Order[i];
                less[i] = (uint)borrow;
                borrow >>= 32;
            }

            var keep = (uint)borrow; // all ones where L did not fit
            for (var i = 0; i < Limbs; i++)
            {
                rest[i] = less[i] ^ (keep & (less[i] ^ rest[i]));
            }
        }

        for (var i = 0; i < Limbs; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(scalar[(4 * i)..], rest[i]);
        }

        Zero(rest);
        Zero(less);
    }

    private static void Read(ReadOnlySpan<byte> bytes, Span<uint> limbs)
    {
        for (var i = 0; i < limbs.Length; i++)
        {
            limbs[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]);
        }
    }

    private static void Zero(Span<uint> limbs) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(limbs));
}
