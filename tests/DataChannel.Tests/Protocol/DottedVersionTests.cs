using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.DataChannels.Tests.Protocol;

public sealed class DottedVersionTests
{
    [Theory]
    [InlineData("3.0.196.0", "3.0.196", 0)]
    [InlineData("3.0.1295.0", "3.0.196.0", 1)]
    [InlineData("2.3.1644.0", "3.0.196.0", -1)]
    [InlineData("3.1.1511.0", "3.1.1511.1", -1)]
    public void CompareTo_TwoVersions_ComparesNumbersPartByPart(string left, string right, int expected)
    {
        Assert.True(DottedVersion.TryParse(left, out var a));
        Assert.True(DottedVersion.TryParse(right, out var b));
        Assert.Equal(expected, Math.Sign(a.CompareTo(b)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("3.x")]
    [InlineData("1.2.3.4.5")]
    public void TryParse_NotAVersion_IsFalse(string? text) => Assert.False(DottedVersion.TryParse(text, out _));
}
