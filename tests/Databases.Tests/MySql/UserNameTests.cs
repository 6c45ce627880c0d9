using System.Text;
using RdsTunnel.Databases.MySql;

namespace RdsTunnel.Databases.Tests.MySql;

/// <summary>A server reads the user's name in the charset that the tool has chosen.</summary>
public sealed class UserNameTests
{
    private const byte Latin1 = 8;
    private const byte Utf8mb4 = 255;
    private const byte Gbk = 28;

    [Fact]
    public void In_Utf8_IsUtf8() => Assert.Equal(Encoding.UTF8.GetBytes("jörg"), UserName.In(Utf8mb4, "jörg"));

    [Fact]
    public void In_Latin1_IsLatin1() => Assert.Equal(Encoding.Latin1.GetBytes("jörg"), UserName.In(Latin1, "jörg"));

    [Fact]
    public void In_Ascii_IsTheSameEverywhere() => Assert.Equal("app"u8.ToArray(), UserName.In(Gbk, "app"));

    [Theory]
    [InlineData(Gbk, "jörg")]
    [InlineData(Latin1, "zoë€")] // not where ISO has it
    [InlineData(Latin1, "чехов")]
    public void In_ACharsetWithoutItsLetters_IsToldWithTheWayOut(byte charset, string user) =>
        Assert.Contains("utf8mb4", Assert.Throws<LoginException>(() => UserName.In(charset, user)).Message, StringComparison.Ordinal);
}
