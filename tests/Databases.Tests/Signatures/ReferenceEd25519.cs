using System.Numerics;
using System.Security.Cryptography;

namespace RdsTunnel.Databases.Tests.Signatures;

/// <summary>Ed25519 after RFC 8032, with numbers of any length, points in projective coordinates, and bit after bit: slow, and with
/// nothing in it that the product's has, neither limbs nor tables nor formulas.</summary>
internal static class ReferenceEd25519
{
    public static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    public static readonly BigInteger L = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);

    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly BigInteger SquareRootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly Point Neutral = new(0, 1, 1);
    private static readonly Point Base = Decode([0x58, .. Enumerable.Repeat((byte)0x66, 31)])!.Value;

    public static byte[] PublicKey(ReadOnlySpan<byte> secret) => MultiplyBase(Expand(secret).Scalar);

    public static byte[] Sign(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> message)
    {
        var (scalar, prefix) = Expand(secret);
        var once = Number(SHA512.HashData([.. prefix, .. message])) % L;
        var commitment = MultiplyBase(once);
        var challenge = Number(SHA512.HashData([.. commitment, .. MultiplyBase(scalar), .. message]));
        return [.. commitment, .. Bytes((once + (challenge * scalar)) % L)];
    }

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != 64 || Decode(publicKey) is not { } key || Decode(signature[..32]) is not { } commitment)
        {
            return false;
        }

        var answer = Number(signature[32..]);
        var challenge = Number(SHA512.HashData([.. signature[..32], .. publicKey, .. message]));
        return answer < L && Encode(Multiply(answer, Base)).AsSpan().SequenceEqual(Encode(Add(commitment, Multiply(challenge, key))));
    }

    public static byte[] MultiplyBase(BigInteger scalar) => Encode(Multiply(scalar, Base));

    public static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    public static byte[] Bytes(BigInteger number, int length = 32)
    {
        var bytes = new byte[length];
        number.ToByteArray(isUnsigned: true).CopyTo(bytes, 0);
        return bytes;
    }

    public static BigInteger Mod(BigInteger number) => ((number % P) + P) % P;

    public static BigInteger Inverse(BigInteger number) => BigInteger.ModPow(number, P - 2, P);

    private static (BigInteger Scalar, byte[] Prefix) Expand(ReadOnlySpan<byte> secret)
    {
        var hash = SHA512.HashData(secret);
        var scalar = Number(hash.AsSpan(0, 32)) % BigInteger.Pow(2, 254);
        return (BigInteger.Pow(2, 254) + scalar - (scalar % 8), hash[32..]);
    }

    private static Point Multiply(BigInteger scalar, Point point)
    {
        var sum = Neutral;
        for (; scalar > 0; scalar >>= 1)
        {
            sum = scalar.IsEven ? sum : Add(sum, point);
            point = Add(point, point);
        }

        return sum;
    }

    // "Twisted Edwards Curves" (2008), section 6, with a = −1.
    private static Point Add(Point p, Point q)
    {
        var a = Mod(p.Z * q.Z);
        var b = a * a;
        var c = Mod(p.X * q.X);
        var d = Mod(p.Y * q.Y);
        var e = D * Mod(c * d);
        var f = Mod(b - e);
        var g = Mod(b + e);
        return new Point(Mod(a * Mod(f * (((p.X + p.Y) * (q.X + q.Y)) - c - d))), Mod(a * Mod(g * (d + c))), Mod(f * g));
    }

    private static byte[] Encode(Point point)
    {
        var inverse = Inverse(point.Z);
        var bytes = Bytes(Mod(point.Y * inverse));
        bytes[31] |= (byte)(Mod(point.X * inverse).IsEven ? 0 : 0x80);
        return bytes;
    }

    private static Point? Decode(ReadOnlySpan<byte> bytes)
    {
        var y = Number(bytes) % BigInteger.Pow(2, 255);
        var isOdd = bytes[31] >= 0x80;
        var square = Mod(((y * y) - 1) * Inverse((D * y * y) + 1));
        var x = BigInteger.ModPow(square, (P + 3) / 8, P);
        x = Mod(x * x) == square ? x : Mod(x * SquareRootOfMinusOne);
        return y >= P || Mod(x * x) != square || (x.IsZero && isOdd) ? null : new Point(x.IsEven == isOdd ? P - x : x, y, 1);
    }

    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z);
}
