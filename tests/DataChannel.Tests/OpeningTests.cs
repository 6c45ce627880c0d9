using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Tests.Support;

namespace RdsTunnel.DataChannels.Tests;

/// <summary>How a channel is opened: the handshake, and what is said when there is none.</summary>
public sealed class OpeningTests : ChannelTest
{
    [Fact]
    public async Task OpenAsync_NodeShakesHands_AnswersAsTheReferenceClientDoes()
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        Node.SendHandshakeRequest("SessionType", "Port", "3.2.1.0");
        await Node.Link.NextAsync(MessageType.Acknowledge);
        var response = await Node.Link.NextAsync(MessageType.InputStreamData);

        Assert.Equal(PayloadType.HandshakeResponse, response.Header.PayloadType);
        Assert.Equal(0, response.Header.SequenceNumber);
        Assert.Equal(
            """{"ClientVersion":"1.2.896.0","ProcessedClientActions":[{"ActionType":"SessionType","ActionStatus":1,"ActionResult":null,"Error":""}],"Errors":null}""",
            response.Text
        );

        Node.Acknowledge(response);
        Node.Send(PayloadType.HandshakeComplete, """{"HandshakeTimeToComplete":1,"CustomerMessage":null}""");
        await using var opened = new Opened(await opening, Time);
        var channel = opened.Channel;
        Assert.Equal("3.2.1.0", channel.AgentVersion);
        Assert.Equal(DataChannelState.Open, channel.State);
    }

    [Fact]
    public async Task OpenAsync_NodeNeverAnswers_EndsTheSessionAndSaysSo()
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();

        Time.Advance(TimeSpan.FromSeconds(31));

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);
        Assert.Equal(DataChannelError.HandshakeTimeout, failure.Error);
        Assert.Equal(1, Node.Terminations);
    }

    [Theory]
    [InlineData("KMSEncryption", "")]
    [InlineData("SessionType", "Standard_Stream")]
    public async Task OpenAsync_NodeAsksForSomethingElse_IsToldSoAndTheSessionIsEnded(string actionType, string sessionType)
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        Node.SendHandshakeRequest(actionType, sessionType);

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);

        Assert.Equal(DataChannelError.HandshakeRefused, failure.Error);
        Assert.Equal(1, Node.Terminations);
        await Node.Link.NextAsync(MessageType.Acknowledge);
        Assert.Contains("\"ActionStatus\":3", (await Node.Link.NextAsync(MessageType.InputStreamData)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_NodeAsksForManyThings_IsAnsweredForEachInOneMessage()
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        var unknown = Enumerable.Range(0, 20).Select(number => $$"""{"ActionType":"Unknown{{number}}"}""");
        Node.Send(
            PayloadType.HandshakeRequest,
            $$"""{"AgentVersion":"3.3.0.0","RequestedClientActions":[{{string.Join(',', unknown)}}]}"""
        );

        await Node.Link.NextAsync(MessageType.Acknowledge);
        var response = await Node.Link.NextAsync(MessageType.InputStreamData);
        Node.Acknowledge(response);
        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);

        Assert.Equal(DataChannelError.HandshakeRefused, failure.Error);
        Assert.Contains("'Unknown0'", failure.Message, StringComparison.Ordinal);
        Assert.True(response.Payload.Length > 1024);
        using var read = JsonDocument.Parse(response.Payload);
        Assert.Equal(20, read.RootElement.GetProperty("ProcessedClientActions").GetArrayLength());
        Assert.Equal(PayloadType.HandshakeResponse, response.Header.PayloadType);
    }

    [Theory]
    [InlineData(65, 1)]
    [InlineData(20_000, 0)]
    [InlineData(1, 257)]
    public async Task OpenAsync_NodeAsksForMoreThanAnyAgentDoes_IsNotUnderstood(int actions, int typeChars)
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        var action = typeChars == 0 ? "{}" : $$"""{"ActionType":"{{new string('x', typeChars)}}"}""";
        Node.Send(
            PayloadType.HandshakeRequest,
            $$"""{"AgentVersion":"3.3.0.0","RequestedClientActions":[{{string.Join(',', Enumerable.Repeat(action, actions))}}]}"""
        );

        Assert.Equal(DataChannelError.ProtocolError, (await Assert.ThrowsAsync<DataChannelException>(() => opening)).Error);
    }

    [Fact]
    public async Task OpenAsync_NodeAsksForNothingAtAll_IsNotUnderstood()
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        Node.Send(PayloadType.HandshakeRequest, """{"AgentVersion":"3.3.0.0","RequestedClientActions":[null]}""");

        Assert.Equal(DataChannelError.ProtocolError, (await Assert.ThrowsAsync<DataChannelException>(() => opening)).Error);
    }

    [Theory]
    [InlineData("""{"type":"\ud800"}""")]
    [InlineData("""{"type":"LocalPortForwarding","localPortNumber":"\udc00"}""")]
    public async Task OpenAsync_PropertiesWithHalfOfASurrogatePair_AreNotUnderstood(string properties)
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        Node.Send(
            PayloadType.HandshakeRequest,
            """{"AgentVersion":"3.3.0.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":{"SessionType":"Port","Properties":{}}}]}""".Replace(
                "{}",
                properties,
                StringComparison.Ordinal
            )
        );

        Assert.Equal(DataChannelError.ProtocolError, (await Assert.ThrowsAsync<DataChannelException>(() => opening)).Error);
    }

    [Theory]
    [InlineData("""{"portNumber":"22"}""")]
    [InlineData("""{"portNumber":"22","type":"RemotePortForwarding"}""")]
    [InlineData("""{"portNumber":"22","type":7}""")]
    public async Task OpenAsync_DocumentThatForwardsNoLocalPort_IsRefused(string properties)
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        Node.Send(
            PayloadType.HandshakeRequest,
            """{"AgentVersion":"3.3.0.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":{"SessionType":"Port","Properties":{}}}]}""".Replace(
                "{}",
                properties,
                StringComparison.Ordinal
            )
        );

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);

        Assert.Equal(DataChannelError.HandshakeRefused, failure.Error);
        Assert.Contains("doesn't forward local ports", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"AgentVersion":"3.3.0.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":[1]}]}""")]
    public async Task OpenAsync_HandshakeThatCannotBeRead_IsAProtocolError(string request)
    {
        var opening = StartOpening();
        await Node.NextLinkAsync();
        Node.Send(PayloadType.HandshakeRequest, request);

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);

        Assert.Equal(DataChannelError.ProtocolError, failure.Error);
    }

    [Fact]
    public async Task OpenAsync_Cancelled_EndsTheSession()
    {
        using var cancellation = new CancellationTokenSource();
        var opening = StartOpening(cancellation.Token);
        await Node.NextLinkAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        Assert.Equal(1, Node.Terminations);
    }

    [Fact]
    public async Task Handshake_ASecondTime_IsAProtocolError()
    {
        await using var opened = await OpenAsync();

        Node.SendHandshakeRequest("SessionType", "Port");

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opened.Channel.Completion);
        Assert.Equal(DataChannelError.ProtocolError, failure.Error);
    }
}
