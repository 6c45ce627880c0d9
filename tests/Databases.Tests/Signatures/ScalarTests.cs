using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.Databases.Signatures;
using static RdsTunnel.Databases.Tests.Signatures.ReferenceEd25519;

namespace RdsTunnel.Databases.Tests.Signatures;

public sealed class ScalarTests
{
    private static Gen<BigInteger> AnyUpTo(int bytes) =>
        Gen.OneOf(
            Gen.ArrayOf(Gen.Choose(0, 255).Select(each => (byte)each), bytes).Select(random => Number(random)),
            from times in Gen.ArrayOf(Gen.Choose(0, 255).Select(each => (byte)each), bytes)
            from near in Gen.Choose(-2, 2)
            select BigInteger.Max(0, (Number(times) / L * L) + near) % BigInteger.Pow(2, 8 * bytes),
            Gen.Elements<BigInteger>(0, 1, L - 1, L, L + 1, (2 * L) - 1, BigInteger.Pow(2, 252), BigInteger.Pow(2, 8 * bytes) - 1)
        );

    [Fact]
    public void Reduce_Any64Bytes_LeavesTheRest() =>
        Prop.ForAll(
                AnyUpTo(64).ToArbitrary(),
                number =>
                {
                    Span<byte> rest = stackalloc byte[Scalar.Bytes];
                    Scalar.Reduce(Bytes(number, 64), rest);
                    return Number(rest) == number % L;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void MultiplyAdd_AnyThreeOf256Bits_IsReduced() =>
        Prop.ForAll(
                AnyUpTo(32).Three().ToArbitrary(),
                each =>
                {
                    Span<byte> result = stackalloc byte[Scalar.Bytes];
                    Scalar.MultiplyAdd(Bytes(each.Item1), Bytes(each.Item2), Bytes(each.Item3), result);
                    return Number(result) == ((each.Item1 * each.Item2) + each.Item3) % L;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void MultiplyBase_ScalarsAtTheEdges_AreTheReferencesPoints()
    {
        BigInteger[] scalars =
        [
            0,
            1,
            2,
            15,
            16,
            L - 1,
            L,
            L + 1,
            8 * L,
            BigInteger.Pow(2, 252),
            BigInteger.Pow(2, 254),
            BigInteger.Pow(2, 255) - 8,
            BigInteger.Pow(2, 256) - 1,
            (BigInteger.Pow(2, 256) - 1) / 15, // 0x1111…
        ];
        Span<byte> point = stackalloc byte[32];
        foreach (var scalar in scalars)
        {
            CurvePoint.MultiplyBase(Bytes(scalar)).Write(point);
            Assert.Equal(Convert.ToHexString(MultiplyBase(scalar)), Convert.ToHexString(point));
        }
    }
}
