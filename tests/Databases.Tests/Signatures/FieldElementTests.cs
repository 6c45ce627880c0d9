using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.Databases.Signatures;
using static RdsTunnel.Databases.Tests.Signatures.ReferenceEd25519;

namespace RdsTunnel.Databases.Tests.Signatures;

public sealed class FieldElementTests
{
    /// <summary>Numbers at which a limb, a carry or the last subtraction may go wrong.</summary>
    private static readonly BigInteger[] Edges =
    [
        .. from power in new[] { 0, 51, 102, 153, 204, 254, 255 } from near in Near select BigInteger.Pow(2, power) + near,
        .. from near in Near select P + near,
        (BigInteger.Pow(2, 255) - 1) / 3, // 0101…
        BigInteger.Pow(2, 255) - 1 - BigInteger.Pow(2, 51),
    ];

    private static int[] Near => [-20, -19, -18, -2, -1, 0, 1, 2, 18, 19, 20];

    private static Gen<BigInteger> Any =>
        Gen.OneOf(
            Gen.Elements(Edges.Where(each => each.Sign >= 0 && each < BigInteger.Pow(2, 255)).ToArray()),
            Gen.ArrayOf(Gen.Choose(0, 255).Select(each => (byte)each), 32).Select(bytes => Number(bytes) % BigInteger.Pow(2, 255))
        );

    public static TheoryData<string> EdgesUpTo255Bits =>
        new(Edges.Where(each => each.Sign >= 0 && each < BigInteger.Pow(2, 255)).Select(each => each.ToString(null, null)).Distinct());

    [Theory]
    [MemberData(nameof(EdgesUpTo255Bits))]
    public void Write_NumberOfUpTo255Bits_IsTheSmallestForm(string number) =>
        Assert.Equal(BigInteger.Parse(number, null) % P, Value(Element(BigInteger.Parse(number, null))));

    [Fact]
    public void Read_HighestBit_IsLeftOut()
    {
        var bytes = Bytes(5);
        bytes[31] |= 0x80;
        Assert.Equal(5, Value(FieldElement.Read(bytes)));
    }

    [Fact]
    public void Operations_OnAnyTwoNumbers_AreThoseOfTheField() =>
        Prop.ForAll(
                Any.Two().ToArbitrary(),
                pair =>
                {
                    var ((x, y), (a, b)) = (pair, (Element(pair.Item1), Element(pair.Item2)));
                    return Value(a + b) == Mod(x + y)
                        && Value(a - b) == Mod(x - y)
                        && Value(a * b) == Mod(x * y)
                        && Value(FieldElement.Select(a, b, 0)) == Mod(x)
                        && Value(FieldElement.Select(a, b, ulong.MaxValue)) == Mod(y);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Inverse_OfAnyNumber_TimesTheNumberIsOne() =>
        Prop.ForAll(
                Any.ToArbitrary(),
                x =>
                {
                    var product = Value(Element(x).Inverse() * Element(x));
                    return product == (Mod(x).IsZero ? 0 : 1);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    /// <summary>Limbs grow within an operation: no chain of them may leave the bounds in which the next is right.</summary>
    [Fact]
    public void Operations_OneAfterTheOther_NeedNoSmallestForm() =>
        Prop.ForAll(
                (
                    from start in Any
                    from steps in Gen.ListOf(from operation in Gen.Choose(0, 3) from operand in Any select (operation, operand), 40)
                    select (start, steps)
                ).ToArbitrary(),
                each =>
                {
                    var (x, a) = (each.start, Element(each.start));
                    foreach (var (operation, operand) in each.steps)
                    {
                        var b = Element(operand);
                        (x, a) = operation switch
                        {
                            0 => (Mod(x + operand), a + b),
                            1 => (Mod(x - operand), a - b),
                            2 => (Mod(x * operand), a * b),
                            _ => (Mod(operand - (x * x)), b - (a * a)),
                        };
                    }

                    return Value(a) == Mod(x);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    private static FieldElement Element(BigInteger number) => FieldElement.Read(Bytes(number));

    private static BigInteger Value(in FieldElement element)
    {
        Span<byte> bytes = stackalloc byte[FieldElement.Bytes];
        element.Write(bytes);
        return Number(bytes);
    }
}
