using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RdsTunnel.Databases.PostgreSql;

namespace RdsTunnel.Databases.Tests.PostgreSql;

public sealed class SaslPrepTests : IDisposable
{
    private readonly JsonDocument _vectors = JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "nfkc.json"))
    );

    [Theory]
    [InlineData("I\u00adX", "IX")] // RFC 4013's own examples: a soft hyphen,
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("\u00aa", "a")] // a feminine ordinal,
    [InlineData("\u2168", "IX")] // a Roman numeral,
    [InlineData("\u0007", "\u0007")] // what is forbidden, which PostgreSQL takes as it is,
    [InlineData("\u0627\u0031", "\u0627\u0031")] // and Arabic that ends in a digit
    [InlineData("p\u00e4ssw\u00f6rd", "p\u00e4ssw\u00f6rd")]
    [InlineData("pa\u0308sswo\u0308rd", "p\u00e4ssw\u00f6rd")] // as a Mac's file names have it
    [InlineData("a\u00a0b\u3000c", "a b c")]
    [InlineData("\u200b", " ")] // a space, before it is nothing
    [InlineData("\u00ad", "\u00ad")] // nothing would be left
    [InlineData("\ufb01\ufb02", "fifl")]
    [InlineData("\ufb01\ud83d\ude00", "\ufb01\ud83d\ude00")] // younger than Unicode 3.2
    [InlineData("\ufb01\u0340", "\ufb01\u0340")] // forbidden, although its normal form is not
    [InlineData("\u1112\u1161\u11ab\uae00", "\ud55c\uae00")]
    [InlineData("\u0627\u0628", "\u0627\u0628")]
    [InlineData("\ufefb", "\u0644\u0627")]
    [InlineData("\ufefbx", "\ufefbx")] // both directions
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    public void Prepare_Password_IsAsPostgreSqlHasIt(string password, string prepared) =>
        Assert.Equal(prepared, Encoding.UTF8.GetString(SaslPrep.Prepare(Encoding.UTF8.GetBytes(password))));

    [Fact]
    public void Prepare_BytesThatAreNoText_AreTakenAsTheyAre()
    {
        byte[] password = [0xc3, 0xa4, 0xff, 0x70];
        Assert.Equal(password, SaslPrep.Prepare(password));
    }

    [Fact]
    public void Normalize_EachCodePoint_IsAsInNode()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var code = 0; code <= 0x10ffff; code++)
        {
            if (IsKnown(code))
            {
                digest.AppendData(Normalized([code]));
            }
        }

        AssertDigest("each", digest);
    }

    [Fact]
    public void Normalize_Sequences_AreAsInNode()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var pool = _vectors
            .RootElement.GetProperty("pool")
            .EnumerateArray()
            .Select(range => (First: range[0].GetInt32(), Last: range[1].GetInt32()))
            .ToArray();
        var state = 1L;
        for (var i = _vectors.RootElement.GetProperty("sequences").GetInt32(); i > 0; i--)
        {
            var text = new List<int>();
            for (var length = 2 + Next(4); length > 0; length--)
            {
                var (first, last) = pool[Next(pool.Length)];
                var code = first + Next(last - first + 1);
                if (IsKnown(code))
                {
                    text.Add(code);
                }
            }

            digest.AppendData(Normalized([.. text]));
        }

        AssertDigest("sequences", digest);

        int Next(int below) => (int)((state = state * 48_271 % int.MaxValue) % below);
    }

    public void Dispose() => _vectors.Dispose();

    private void AssertDigest(string name, IncrementalHash digest) =>
        Assert.Equal(
            _vectors.RootElement.GetProperty("digests").GetProperty(name).GetString(),
            Convert.ToHexStringLower(digest.GetHashAndReset())
        );

    private static bool IsKnown(int code) => Rune.IsValid(code) && !UnicodeTables.Instance.Unassigned.Contains(code);

    private static byte[] Normalized(int[] text)
    {
        var normal = new int[text.Length * Nfkc.MaxGrowth];
        var length = Nfkc.Normalize(text, normal);
        return Encoding.UTF8.GetBytes(string.Concat(normal.Take(length).Select(code => new Rune(code).ToString())) + "\n");
    }
}
