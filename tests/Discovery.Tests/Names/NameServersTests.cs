using RdsTunnel.Discovery.Names;

namespace RdsTunnel.Discovery.Tests.Names;

public sealed class NameServersTests
{
    [Theory]
    [InlineData("10.0.0.2", "10.0.0.2:53")]
    [InlineData("127.0.0.1:5353, 10.0.0.2,", "127.0.0.1:5353 10.0.0.2:53")]
    [InlineData("fd00::2,[fd00::3]:5353", "[fd00::2]:53 [fd00::3]:5353")]
    [InlineData("nonsense,10.0.0.2", "10.0.0.2:53")]
    [InlineData("nonsense", null)]
    [InlineData(" , ", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Parse_Addresses_AreReadWithTheirPorts(string? text, string? expected) =>
        Assert.Equal(expected, NameServers.Parse(text) is { } servers ? string.Join(' ', servers) : null);
}
