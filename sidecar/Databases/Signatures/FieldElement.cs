using System.Buffers.Binary;

namespace RdsTunnel.Databases.Signatures;

/// <summary>A number modulo p = 2²⁵⁵ − 19, with which curve25519's coordinates are computed.</summary>
/// <remarks>Five limbs of 51 bits: <code>
/// value = l0 + 2⁵¹ l1 + 2¹⁰² l2 + 2¹⁵³ l3 + 2²⁰⁴ l4
/// </code>Every operation leaves limbs below 2⁵²; a value may have two forms, and only <see cref="Write"/>
/// makes it the smallest one. No instruction depends on a value: there is no branch, no comparison and no
/// index. RFC 7748 and RFC 8032 have the numbers.</remarks>
internal readonly struct FieldElement
{
    public const int Bytes = 32;
    private const int LimbBits = 51;
    private const ulong Mask = (1UL << LimbBits) - 1;

    /// <summary>2²⁵⁵ = 19.</summary>
    private const ulong Fold = 19;

    private readonly ulong _l0;
    private readonly ulong _l1;
    private readonly ulong _l2;
    private readonly ulong _l3;
    private readonly ulong _l4;

    private FieldElement(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4) => (_l0, _l1, _l2, _l3, _l4) = (l0, l1, l2, l3, l4);

    public static FieldElement Zero => default;

    public static FieldElement One => new(1, 0, 0, 0, 0);

    /// <param name="bytes">The number, its lowest byte first. The highest bit is left out.</param>
    public static FieldElement Read(ReadOnlySpan<byte> bytes)
    {
        var w0 = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var w1 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        var w2 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        var w3 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new FieldElement(
            w0 & Mask,
            ((w0 >> 51) | (w1 << 13)) & Mask,
            ((w1 >> 38) | (w2 << 26)) & Mask,
            ((w2 >> 25) | (w3 << 39)) & Mask,
            (w3 >> 12) & Mask
        );
    }

    /// <summary>The number below p, its lowest byte first.</summary>
    public void Write(Span<byte> bytes)
    {
        var carried = Carried(_l0, _l1, _l2, _l3, _l4); // below 2p
        // What p is taken off: 1 where the value is p or more, else 0.
        var times = (carried._l0 + Fold) >> LimbBits;
        times = (carried._l1 + times) >> LimbBits;
        times = (carried._l2 + times) >> LimbBits;
        times = (carried._l3 + times) >> LimbBits;
        times = (carried._l4 + times) >> LimbBits;
        var l0 = carried._l0 + (Fold * times);
        var l1 = carried._l1 + (l0 >> LimbBits);
        var l2 = carried._l2 + (l1 >> LimbBits);
        var l3 = carried._l3 + (l2 >> LimbBits);
        var l4 = (carried._l4 + (l3 >> LimbBits)) & Mask; // without the 2²⁵⁵ that is taken off with p
        l0 &= Mask;
        l1 &= Mask;
        l2 &= Mask;
        l3 &= Mask;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, l0 | (l1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (l1 >> 13) | (l2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (l2 >> 26) | (l3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], (l3 >> 39) | (l4 << 12));
    }

    public static FieldElement operator +(in FieldElement a, in FieldElement b) =>
        Carried(a._l0 + b._l0, a._l1 + b._l1, a._l2 + b._l2, a._l3 + b._l3, a._l4 + b._l4);

    // 4p is added, so that no limb gets below zero.
    public static FieldElement operator -(in FieldElement a, in FieldElement b) =>
        Carried(
            a._l0 + (4 * (Mask - 18)) - b._l0,
            a._l1 + (4 * Mask) - b._l1,
            a._l2 + (4 * Mask) - b._l2,
            a._l3 + (4 * Mask) - b._l3,
            a._l4 + (4 * Mask) - b._l4
        );

    public static FieldElement operator *(in FieldElement a, in FieldElement b)
    {
        // A product that lies at 2²⁵⁵ or above comes back at the bottom, times 19.
        var (b1, b2, b3, b4) = (Fold * b._l1, Fold * b._l2, Fold * b._l3, Fold * b._l4);
        var s0 = default(Sum);
        s0.Add(a._l0, b._l0);
        s0.Add(a._l1, b4);
        s0.Add(a._l2, b3);
        s0.Add(a._l3, b2);
        s0.Add(a._l4, b1);
        var s1 = default(Sum);
        s1.Add(a._l0, b._l1);
        s1.Add(a._l1, b._l0);
        s1.Add(a._l2, b4);
        s1.Add(a._l3, b3);
        s1.Add(a._l4, b2);
        var s2 = default(Sum);
        s2.Add(a._l0, b._l2);
        s2.Add(a._l1, b._l1);
        s2.Add(a._l2, b._l0);
        s2.Add(a._l3, b4);
        s2.Add(a._l4, b3);
        var s3 = default(Sum);
        s3.Add(a._l0, b._l3);
        s3.Add(a._l1, b._l2);
        s3.Add(a._l2, b._l1);
        s3.Add(a._l3, b._l0);
        s3.Add(a._l4, b4);
        var s4 = default(Sum);
        s4.Add(a._l0, b._l4);
        s4.Add(a._l1, b._l3);
        s4.Add(a._l2, b._l2);
        s4.Add(a._l3, b._l1);
        s4.Add(a._l4, b._l0);
        return Carried(s0.Low + (Fold * s4.High), s1.Low + s0.High, s2.Low + s1.High, s3.Low + s2.High, s4.Low + s3.High);
    }

    /// <summary>1/a = aᵖ⁻² (Fermat); 0 for 0. The exponent is known, so its bits may be branched on.</summary>
    public FieldElement Inverse()
    {
        // p − 2 = 2²⁵⁵ − 21 = 2⁵ (2²⁵⁰ − 1) + 11: a run of 250 ones is built by doubling its length.
        var a2 = Squared(1);
        var a9 = a2.Squared(2) * this;
        var a11 = a9 * a2;
        var ones5 = a11.Squared(1) * a9; // 22 + 9 = 31
        var ones10 = ones5.Squared(5) * ones5;
        var ones20 = ones10.Squared(10) * ones10;
        var ones40 = ones20.Squared(20) * ones20;
        var ones50 = ones40.Squared(10) * ones10;
        var ones100 = ones50.Squared(50) * ones50;
        var ones200 = ones100.Squared(100) * ones100;
        var ones250 = ones200.Squared(50) * ones50;
        return ones250.Squared(5) * a11;
    }

    /// <summary><paramref name="b"/> where <paramref name="mask"/> is all ones, <paramref name="a"/> where it is 0.</summary>
    public static FieldElement Select(in FieldElement a, in FieldElement b, ulong mask) =>
        new(
            a._l0 ^ (mask & (a._l0 ^ b._l0)),
            a._l1 ^ (mask & (a._l1 ^ b._l1)),
            a._l2 ^ (mask & (a._l2 ^ b._l2)),
            a._l3 ^ (mask & (a._l3 ^ b._l3)),
            a._l4 ^ (mask & (a._l4 ^ b._l4))
        );

    private FieldElement Squared(int times)
    {
        var result = this;
        for (var i = 0; i < times; i++)
        {
            result *= result;
        }

        return result;
    }

    /// <summary>For limbs of up to 64 bits less what is added here: each hands what is above its 51 bits to the next.</summary>
    private static FieldElement Carried(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        l1 += l0 >> LimbBits;
        l2 += l1 >> LimbBits;
        l3 += l2 >> LimbBits;
        l4 += l3 >> LimbBits;
        return new FieldElement((l0 & Mask) + (Fold * (l4 >> LimbBits)), l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
    }

    /// <summary>A sum of five products. Each is cut at bit 51, so no sum gets longer than 64 bits, and
    /// there is no carry of 128-bit numbers to branch on.</summary>
    /// <remarks>A product is below 2⁵² × 19 × 2⁵² &lt; 2¹⁰⁹; what is above bit 51, five times, and times 19 for
    /// the last limb, whose products have no 19 yet, is below 2⁶².</remarks>
    private struct Sum
    {
        public ulong Low;
        public ulong High;

        public void Add(ulong x, ulong y)
        {
            var high = Math.BigMul(x, y, out var low);
            Low += low & Mask;
            High += (high << (64 - LimbBits)) | (low >> LimbBits);
        }
    }
}
