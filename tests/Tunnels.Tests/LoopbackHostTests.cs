namespace RdsTunnel.Tunnels.Tests;

/// <summary>"The jump host itself", however it is spelled, is the port of a jump host; what only looks like it is a host.</summary>
public sealed class LoopbackHostTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST.")]
    [InlineData("foo.localhost")]
    [InlineData("a.b.LocalHost.")]
    [InlineData("localhost.localdomain")]
    [InlineData("localhost4")]
    [InlineData("localhost6.localdomain6")]
    [InlineData("ip6-localhost")]
    [InlineData("ip6-loopback")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1.")]
    [InlineData("127.255.255.254")]
    [InlineData("127.1")]
    [InlineData("127.0.1")]
    [InlineData("127.65535")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0X7F.1")]
    [InlineData("0x7f.0x0.0x0.0x1")]
    [InlineData("0177.0.0.1")]
    [InlineData("0177.0.0.01")]
    [InlineData("017700000001")]
    [InlineData("127.000.000.001")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("::1%lo")]
    [InlineData("[::1%25lo]")]
    [InlineData("0:0:0:0:0:0:0:1")]
    [InlineData("0000:0000:0000:0000:0000:0000:0000:0001")]
    [InlineData("::0.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::FFFF:127.8.8.8")]
    [InlineData("::ffff:7f00:1")]
    [InlineData("[::ffff:7f00:0001]")]
    [InlineData("0:0:0:0:0:ffff:127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("0")]
    [InlineData("0x0")]
    [InlineData("0.0")]
    [InlineData("::")]
    [InlineData("[::]")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("  127.0.0.1 ")]
    [InlineData("\tlocalhost\r\n")]
    public void Host_ThatMeansTheJumpHostItself_IsNone(string host)
    {
        Assert.True(LoopbackHost.Is(host));
        Assert.Null(
            new TunnelRequest
            {
                Target = "i-1",
                Host = host,
                Port = 1,
            }.Host
        );
    }

    [Theory]
    [InlineData("localhost.example.com")]
    [InlineData("mylocalhost")]
    [InlineData("notlocalhost.")]
    [InlineData("127.0.0.1.example.com")]
    [InlineData("127-0-0-1.example.com")]
    [InlineData("128.0.0.1")]
    [InlineData("126.255.255.255")]
    [InlineData("1.127.0.0")]
    [InlineData("0127.0.0.1")]
    [InlineData("2130706433.example.com")]
    [InlineData("0.0.0.1")]
    [InlineData("256.0.0.1")]
    [InlineData("::2")]
    [InlineData("::1:1")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("[::1]:5432")]
    [InlineData("169.254.169.254")]
    [InlineData("10.0.0.1")]
    [InlineData("orders.abc.eu-west-1.rds.amazonaws.com")]
    public void Host_ThatIsAnotherOne_Stays(string host)
    {
        Assert.False(LoopbackHost.Is(host));
        Assert.Equal(host, new TunnelRequest { Host = host, Port = 1 }.Host);
    }
}
