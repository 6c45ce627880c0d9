using RdsTunnel.Aws.Channels;
using RdsTunnel.Aws.Configuration;
using Xunit;

namespace RdsTunnel.Aws.Tests.Channels;

/// <summary>Only a message gateway gets a session's token.</summary>
public sealed class StreamAddressTests
{
    private const string Target = "/v1/data-channel/jane.doe+dev@example.com-0a1b?role=publish_subscribe&cell-number=AAEA+k/N0w==";

    [Theory]
    [InlineData("eu-central-1", "ssmmessages.eu-central-1.amazonaws.com")]
    [InlineData("eu-central-1", "ssmmessages.eu-central-1.amazonaws.com:443")]
    [InlineData("eu-central-1", "SSMMessages.EU-Central-1.AmazonAWS.com")]
    [InlineData("us-east-1", "ssmmessages-fips.us-east-1.amazonaws.com")]
    [InlineData("us-gov-west-1", "ssmmessages-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("eu-central-1", "ssmmessages.eu-central-1.api.aws")]
    [InlineData("us-east-2", "ssmmessages-fips.us-east-2.api.aws")]
    [InlineData("cn-north-1", "ssmmessages.cn-north-1.amazonaws.com.cn")]
    [InlineData("cn-northwest-1", "ssmmessages.cn-northwest-1.api.amazonwebservices.com.cn")]
    [InlineData("us-iso-east-1", "ssmmessages.us-iso-east-1.c2s.ic.gov")]
    [InlineData("us-isob-east-1", "ssmmessages.us-isob-east-1.sc2s.sgov.gov")]
    [InlineData("eu-isoe-west-1", "ssmmessages.eu-isoe-west-1.cloud.adc-e.uk")]
    [InlineData("us-isof-south-1", "ssmmessages.us-isof-south-1.csp.hci.ic.gov")]
    [InlineData("eusc-de-east-1", "ssmmessages.eusc-de-east-1.amazonaws.eu")]
    [InlineData("eu-central-1", "vpce-0a1b2c3d-4e5f.ssmmessages.eu-central-1.vpce.amazonaws.com")]
    [InlineData("eu-central-1", "vpce-0a1b2c3d-4e5f-eu-central-1a.ssmmessages.eu-central-1.vpce.amazonaws.com")]
    [InlineData("cn-north-1", "vpce-0a1b2c3d-4e5f.ssmmessages.cn-north-1.vpce.amazonaws.com.cn")]
    public void TryRead_GatewayOfTheRegion_GivesTheAddressByteForByte(string region, string host)
    {
        var url = StreamAddress.TryRead($"wss://{host}{Target}", Settings(region));

        Assert.Equal(Target, url?.PathAndQuery);
    }

    [Theory]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com.evil.example/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com.evil.example:443/x")]
    [InlineData("wss://SSMMESSAGES.EU-CENTRAL-1.AMAZONAWS.COM.EVIL.EXAMPLE/x")]
    [InlineData("wss://evil.example/ssmmessages.eu-central-1.amazonaws.com")]
    [InlineData("wss://evil.example?ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://evil.example#ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://evil.example#@ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com@evil.example/x")]
    [InlineData("wss://user:pass@ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://@ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com:8443/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com:80/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com./x")]
    [InlineData("wss://.ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://evil.ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://evil-ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://xssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ssm.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ec2messages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ssmmessages.eu-central-1.evil-amazonaws.com/x")]
    [InlineData("wss://ssmmessages.eu-central-1.elb.amazonaws.com/x")]
    [InlineData("wss://ssmmessages.s3.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ssmmessages.eu-west-1.amazonaws.com/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com.cn/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.eu/x")]
    [InlineData("wss://ssmmessages.amazonaws.com/x")]
    [InlineData("wss://vpce-0a1b.ssm.eu-central-1.vpce.amazonaws.com/x")]
    [InlineData("wss://vpce-0a1b.ssmmessages.eu-west-1.vpce.amazonaws.com/x")]
    [InlineData("wss://vpce-0a1b.evil.ssmmessages.eu-central-1.vpce.amazonaws.com/x")]
    [InlineData("wss://evil.ssmmessages.eu-central-1.vpce.amazonaws.com/x")]
    [InlineData("wss://vpce-0a1b.ssmmessages.eu-central-1.vpce.amazonaws.com.evil.example/x")]
    [InlineData("wss://ssmmessages。eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ſsmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ssmmessageѕ.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://xn--ssmmessage-g7a.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com%2eevil.example/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com\\@evil.example/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com\\.evil.example/x")]
    [InlineData("wss:ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss:///ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("ws://ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("ws://ssmmessages.eu-central-1.amazonaws.com:443/x")]
    [InlineData("https://ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com/x#fragment")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com/a b")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com/x HTTP/1.1\r\nX: y")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com/x\n")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com/é")]
    [InlineData("wss://ssmmessages.eu-central-1.amazonaws.com/%zz")]
    [InlineData(" wss://ssmmessages.eu-central-1.amazonaws.com/x")]
    [InlineData("wss://127.0.0.1/x")]
    [InlineData("wss://localhost/x")]
    [InlineData("wss://[::1]/x")]
    [InlineData("wss://169.254.169.254/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/v1/data-channel/x")]
    [InlineData("")]
    [InlineData(null)]
    public void TryRead_AnythingElse_IsRefused(string? url) => Assert.Null(StreamAddress.TryRead(url, Settings("eu-central-1")));

    [Theory]
    [InlineData("https://gateway.corp.example", "wss://gateway.corp.example/x", true)]
    [InlineData("https://gateway.corp.example/prefix", "wss://GATEWAY.corp.example/x", true)]
    [InlineData("https://gateway.corp.example:8443", "wss://gateway.corp.example:8443/x", true)]
    [InlineData("https://gateway.corp.example:8443", "wss://gateway.corp.example/x", false)]
    [InlineData("https://gateway.corp.example", "wss://gateway.corp.example:8443/x", false)]
    [InlineData("https://gateway.corp.example", "ws://gateway.corp.example/x", false)]
    [InlineData("https://gateway.corp.example", "wss://gateway.corp.example.evil.example/x", false)]
    [InlineData("https://gateway.corp.example", "wss://evil.gateway.corp.example/x", false)]
    [InlineData("https://gateway.corp.example", "wss://user@gateway.corp.example/x", false)]
    [InlineData("https://gateway.corp.example", "wss://gateway.corp.example./x", false)]
    [InlineData("https://gateway.corp.example", "ws://127.0.0.1/x", false)]
    [InlineData("https://vpce-0a1b.ssm.eu-central-1.vpce.amazonaws.com", "wss://ssmmessages.eu-central-1.amazonaws.com/x", true)]
    [InlineData("http://127.0.0.1:4566", "ws://127.0.0.1:4566/x", true)]
    [InlineData("http://127.0.0.1:4566", "ws://localhost:4567/x", true)]
    [InlineData("http://127.0.0.1:4566", "ws://127.0.0.1.evil.example:4566/x", false)]
    [InlineData("http://127.0.0.1:4566", "ws://example.com/x", false)]
    [InlineData("http://[::1]:4566", "ws://[::1]:4566/x", true)]
    public void TryRead_EndpointThatTheUserNamed_IsTakenAsItIsNamed(string named, string url, bool isTaken)
    {
        Assert.Equal(isTaken, StreamAddress.TryRead(url, Settings("eu-central-1") with { EndpointUrl = new Uri(named) }) is not null);
        Assert.Equal(isTaken, StreamAddress.TryRead(url, Settings("eu-central-1") with { GatewayUrl = new Uri(named) }) is not null);
    }

    [Theory]
    [InlineData("wss://user:secret@evil.example:8443/path?token=secret", "wss://evil.example:8443")]
    [InlineData("wss://ssmmessageѕ.example/", "wss://xn--ssmmessage-v2i.example")]
    [InlineData("wss://A1bje7MtGbClwBF2Zp9Utkh3yCo8nvbEXAMPLEKE.example.com/", "wss://***.example.com")]
    [InlineData(
        "wss://vpce-0a1b2c3d4e5f67890-abcdefgh-eu-central-1a.evil.example/",
        "wss://vpce-0a1b2c3d4e5f67890-abcdefgh-eu-central-1a.evil.example"
    )]
    [InlineData("A1bje7MtGbClwBF2Zp9Utkh3yCo8nvbEXAMPLEKE://127.0.0.1/", "an invalid address")]
    [InlineData("not an address", "an invalid address")]
    [InlineData("/v1/secret", "an invalid address")]
    [InlineData("wss://xn--\u0080/", "an invalid address")]
    [InlineData("", "an invalid address")]
    [InlineData(null, "an invalid address")]
    public void Describe_SaysWhereItLeads_AndNoMore(string? url, string expected) => Assert.Equal(expected, StreamAddress.Describe(url));

    private static AwsSettings Settings(string region) => new(null, region, null, UseFips: false, UseDualStack: false);
}
