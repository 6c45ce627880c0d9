namespace RdsTunnel.Databases.Signatures;

/// <summary>A point of edwards25519, −x² + y² = 1 + d x² y², in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.</summary>
/// <remarks>Formulas and constants: <see href="https://www.rfc-editor.org/rfc/rfc8032#section-5.1"/>. The addition holds for all
/// points, also for equal ones and the neutral one, so no case is told from another.</remarks>
internal readonly struct CurvePoint
{
    private const int WindowBits = 4;

    private static readonly FieldElement D = Number("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3");
    private static readonly FieldElement TwoD = D + D;

    /// <summary>0 B, 1 B, … 15 B, for the base point B.</summary>
    private static readonly CurvePoint[] BaseMultiples = Multiples(
        FromAffine(
            Number("216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a"),
            Number("6666666666666666666666666666666666666666666666666666666666666658")
        )
    );

    private readonly FieldElement _x;
    private readonly FieldElement _y;
    private readonly FieldElement _z;
    private readonly FieldElement _t;

    private CurvePoint(in FieldElement x, in FieldElement y, in FieldElement z, in FieldElement t) => (_x, _y, _z, _t) = (x, y, z, t);

    public static CurvePoint Neutral => new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

    /// <summary>The base point, as often as <paramref name="scalar"/> says, in the same steps whatever it is.</summary>
    /// <param name="scalar">256 bits, the lowest byte first.</param>
    public static CurvePoint MultiplyBase(ReadOnlySpan<byte> scalar)
    {
        var sum = Neutral;
        for (var i = (scalar.Length * 2) - 1; i >= 0; i--)
        {
            for (var bit = 0; bit < WindowBits; bit++)
            {
                sum = sum.Doubled();
            }

            var digit = (scalar[i >> 1] >> ((i & 1) * WindowBits)) & 0xf;
            sum += Choose(BaseMultiples, digit);
        }

        return sum;
    }

    public static CurvePoint operator +(in CurvePoint p, in CurvePoint q)
    {
        var a = (p._y - p._x) * (q._y - q._x);
        var b = (p._y + p._x) * (q._y + q._x);
        var c = p._t * TwoD * q._t;
        var zz = p._z * q._z;
        var d = zz + zz;
        return Completed(b - a, d - c, d + c, b + a);
    }

    public CurvePoint Doubled()
    {
        var a = _x * _x;
        var b = _y * _y;
        var zz = _z * _z;
        var h = a + b;
        var xy = _x + _y;
        var g = a - b;
        return Completed(h - (xy * xy), zz + zz + g, g, h);
    }

    /// <summary>y, and in the highest bit whether x is odd.</summary>
    public void Write(Span<byte> bytes)
    {
        var inverse = _z.Inverse();
        Span<byte> x = stackalloc byte[FieldElement.Bytes];
        (_x * inverse).Write(x);
        (_y * inverse).Write(bytes);
        bytes[FieldElement.Bytes - 1] |= (byte)((x[0] & 1) << 7);
    }

    // The last lines of both formulas are the same.
    private static CurvePoint Completed(in FieldElement e, in FieldElement f, in FieldElement g, in FieldElement h) =>
        new(e * f, g * h, f * g, e * h);

    /// <summary>Reads the whole table, so that the memory that is touched does not tell the digit.</summary>
    private static CurvePoint Choose(ReadOnlySpan<CurvePoint> table, int digit)
    {
        var chosen = table[0];
        for (var i = 1; i < table.Length; i++)
        {
            // (i ^ digit) − 1 is negative for 0 alone: all ones where they are equal.
            var mask = (ulong)(((long)(i ^ digit) - 1) >> 63);
            chosen = new CurvePoint(
                FieldElement.Select(chosen._x, table[i]._x, mask),
                FieldElement.Select(chosen._y, table[i]._y, mask),
                FieldElement.Select(chosen._z, table[i]._z, mask),
                FieldElement.Select(chosen._t, table[i]._t, mask)
            );
        }

        return chosen;
    }

    private static CurvePoint[] Multiples(in CurvePoint point)
    {
        var multiples = new CurvePoint[1 << WindowBits];
        multiples[0] = Neutral;
        for (var i = 1; i < multiples.Length; i++)
        {
            multiples[i] = multiples[i - 1] + point;
        }

        return multiples;
    }

    private static CurvePoint FromAffine(in FieldElement x, in FieldElement y) => new(x, y, FieldElement.One, x * y);

    // As the RFC prints it: the highest digit first.
    private static FieldElement Number(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        bytes.AsSpan().Reverse();
        return FieldElement.Read(bytes);
    }
}
