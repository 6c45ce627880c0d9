using System.Net.WebSockets;
using RdsTunnel.DataChannels.Links;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Tests.Support;

namespace RdsTunnel.DataChannels.Tests;

/// <summary>What becomes of a channel whose websockets end: which are tried again, with a new
/// token, and what is said when no more are.</summary>
public sealed class RefusalTests : ChannelTest
{
    private const string Token = "AAEAAXxZ+k/N0oRkQ2b+/w==";

    [Theory]
    [InlineData("Client version is below 1.2.900.0")]
    [InlineData("Please upgrade the Session Manager plugin.")]
    public async Task BeforeTheHandshake_RefusedForTheVersion_EndsAtOnceAndNamesBothVersions(string reason)
    {
        var opening = StartOpening();
        (await Node.NextLinkAsync()).Close(LinkFaults.OfClose(WebSocketCloseStatus.PolicyViolation, reason, Token));

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);

        Assert.Equal(DataChannelError.ChannelRefused, failure.Error);
        Assert.Equal(
            "AWS refused the session's data channel because of the client version that RDS Tunnel reports, 1.2.896.0. "
                + $"The service closed the websocket (code 1008, policy violation) and said: \"{reason.TrimEnd('.')}\". Update RDS Tunnel.",
            failure.Message
        );
        Assert.Equal((0, 1), (Node.Resumes, Node.Terminations));
    }

    [Theory]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(1010)]
    public async Task BeforeTheHandshake_Refused_IsTriedOnceWithANewToken_ThenEnds(int code)
    {
        var opening = StartOpening();
        for (var links = 0; links < 2; links++)
        {
            await PassWaitBeforeAsync(links);
            (await Node.NextLinkAsync()).Close(LinkFaults.OfClose((WebSocketCloseStatus)code, "Invalid token", Token));
        }

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);
        Assert.Equal(DataChannelError.ChannelRefused, failure.Error);
        Assert.StartsWith(
            $"AWS refused the session's data channel, even with a new token. The service closed the websocket (code {code}, ",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("and said: \"Invalid token\".", failure.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (Node.Resumes, Node.Terminations));
    }

    [Fact]
    public async Task BeforeTheHandshake_TheFirstTokenIsNotTaken_TheNextOneIs()
    {
        var opening = StartOpening();
        (await Node.NextLinkAsync()).Close(LinkFaults.OfClose(WebSocketCloseStatus.PolicyViolation, "Invalid token", Token));
        await Time.PassWaitAsync();
        await Node.NextLinkAsync();
        await Node.ShakeHandsAsync();

        await using var opened = new Opened(await opening, Time);
        Assert.Equal(1, Node.Resumes);
    }

    [Theory]
    [InlineData(1000, "Bye")]
    [InlineData(1001, "")]
    [InlineData(1005, null)]
    [InlineData(1011, "")]
    [InlineData(1012, "")]
    [InlineData(1013, "")]
    [InlineData(4000, "")]
    [InlineData(null, null)]
    public async Task BeforeTheHandshake_Closed_IsTriedThreeTimes_ThenSaysWhy(int? code, string? reason)
    {
        var opening = StartOpening();
        for (var links = 0; links < 3; links++)
        {
            await PassWaitBeforeAsync(links);
            (await Node.NextLinkAsync()).Close(LinkFaults.OfClose((WebSocketCloseStatus?)code, reason, Token));
        }

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);
        Assert.Equal(DataChannelError.Unreachable, failure.Error);
        Assert.StartsWith(
            "The session's data channel failed 3 times before the jump host's agent responded. Last: The service closed the websocket (",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Equal((2, 1), (Node.Resumes, Node.Terminations));
    }

    [Fact]
    public async Task BeforeTheHandshake_Cut_GoesOnWithTheNextLink()
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        Node.SendHandshakeRequest("SessionType", "Port");
        await Node.Link.NextAsync(MessageType.Acknowledge);
        var response = await Node.Link.NextAsync(MessageType.InputStreamData);
        Node.Link.Cut();
        await Node.NextLinkAsync();
        await Node.Link.NextAsync(MessageType.Acknowledge);
        Node.Acknowledge(response);
        Node.Send(PayloadType.HandshakeComplete, """{"HandshakeTimeToComplete":1,"CustomerMessage":""}""");

        await using var opened = new Opened(await opening, Time);
        Assert.Equal(1, opened.Channel.Statistics.Resumes);
    }

    [Theory]
    [InlineData("Lost", 3)]
    [InlineData("UpgradeRefused", 2)]
    [InlineData("Unreachable", 1)]
    public async Task Upgrade_Refused_IsTriedAsOftenAsThatMayHelp(string fault, int attempts)
    {
        for (var i = 0; i < 3; i++)
        {
            Node.Refusals.Enqueue(
                new LinkException("Couldn't reach service.invalid: it says so.") { Fault = Enum.Parse<LinkFault>(fault) }
            );
        }

        var opening = StartOpening();
        for (var attempt = 1; attempt < attempts; attempt++)
        {
            await Time.PassWaitAsync();
        }

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);
        Assert.Contains("Couldn't reach service.invalid: it says so.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(fault == "UpgradeRefused" ? DataChannelError.ChannelRefused : DataChannelError.Unreachable, failure.Error);
        Assert.Equal((attempts, attempts - 1, 1), (Node.Signatures.Count, Node.Resumes, Node.Terminations));
    }

    [Fact]
    public async Task Upgrade_RefusedOnce_OpensWithANewToken()
    {
        Node.Refusals.Enqueue(LinkFaults.OfUpgrade("service.invalid", System.Net.HttpStatusCode.ServiceUnavailable));
        var opening = StartOpening();
        await Time.PassWaitAsync();
        await Node.NextLinkAsync();
        await Node.ShakeHandsAsync();

        await using var opened = new Opened(await opening, Time);
        Assert.Equal(1, Node.Resumes);
    }

    [Fact]
    public async Task BeforeTheHandshake_TheSessionEndsMeanwhile_SaysSo()
    {
        Node.OnResume(() => null);
        var opening = StartOpening();
        (await Node.NextLinkAsync()).Cut();
        await Time.PassWaitAsync();

        Assert.Equal(DataChannelError.SessionEnded, (await Assert.ThrowsAsync<DataChannelException>(() => opening)).Error);
    }

    [Fact]
    public async Task BeforeTheHandshake_NobodyMayResume_SaysWhyAndNotThatTheAgentIsSilent()
    {
        for (var i = 0; i < 9; i++)
        {
            Node.OnResume(() => throw new IOException("no network"));
        }

        var opening = StartOpening();
        (await Node.NextLinkAsync()).Cut();
        await Time.PassWaitAsync();
        await Time.PassWaitAsync();

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);
        Assert.Equal(DataChannelError.ResumeRefused, failure.Error);
        Assert.IsType<IOException>(failure.InnerException);
    }

    [Fact]
    public async Task Open_RefusedTwice_EndsTheSessionWithTheReason()
    {
        await using var opened = await OpenAsync();
        for (var links = 0; links < 2; links++)
        {
            Node.Link.Close(LinkFaults.OfClose(WebSocketCloseStatus.MessageTooBig, "", Token));
            if (links == 0)
            {
                await Time.PassWaitAsync();
                await Node.NextLinkAsync();
            }
        }

        Assert.Equal(
            DataChannelError.ChannelRefused,
            (await Assert.ThrowsAsync<DataChannelException>(() => opened.Channel.Completion)).Error
        );
    }

    // A proxy, or a network that wants a sign-in, answers anything.
    [Fact]
    public async Task Open_UpgradesRefused_AreTriedForAsLongAsItTakes()
    {
        await using var opened = await OpenAsync();
        for (var i = 0; i < 20; i++)
        {
            Node.Refusals.Enqueue(LinkFaults.OfUpgrade("service.invalid", System.Net.HttpStatusCode.NotFound));
        }

        Node.Link.Cut();
        await PassTimeUntilAsync(() => Node.HasLink, step: TimeSpan.FromSeconds(15));
        await Node.NextLinkAsync();
        Assert.Equal(21, Node.Resumes);
    }

    // A service that lets nobody stay is not called as fast as the network allows.
    [Fact]
    public async Task Open_ClosedAtOnceEachTime_WaitsLongerAndLonger()
    {
        await using var opened = await OpenAsync();
        Node.Link.Cut();
        var waited = TimeSpan.Zero;
        for (var links = 0; links < 8; links++)
        {
            (await Node.NextLinkAsync()).Close(LinkFaults.OfClose(WebSocketCloseStatus.InternalServerError, "", Token));
            waited += await Time.PassWaitAsync();
        }

        await Node.NextLinkAsync();
        Assert.InRange(waited, TimeSpan.FromSeconds(22), TimeSpan.FromSeconds(60));
    }

    // The first attempt is made at once.
    private async Task PassWaitBeforeAsync(int link)
    {
        if (link > 0)
        {
            await Time.PassWaitAsync();
        }
    }
}
