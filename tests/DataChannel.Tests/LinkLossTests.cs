using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Tests.Support;

namespace RdsTunnel.DataChannels.Tests;

/// <summary>A channel outlives its websockets.</summary>
public sealed class LinkLossTests : ChannelTest
{
    [Fact]
    public async Task Link_Lost_IsResumedAndWhatWasUnderWayIsSentAgain()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        await channel.Output.WriteAsync(new byte[3000]);
        var sent = new[]
        {
            await Node.Link.NextAsync(MessageType.InputStreamData),
            await Node.Link.NextAsync(MessageType.InputStreamData),
            await Node.Link.NextAsync(MessageType.InputStreamData),
        };
        Node.Acknowledge(sent[1]);
        Node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "x"u8);
        Assert.Equal("x", await ReadAsync(channel, 1));

        Node.Link.Cut();
        await Node.NextLinkAsync();

        await SkipAcknowledgesAsync(3);
        var resent = await NextDataAsync(2);
        Assert.Equal([sent[0].HeaderButForId, sent[2].HeaderButForId], resent.Select(message => message.HeaderButForId));
        Assert.Equal(1, channel.Statistics.Resumes);
    }

    [Fact]
    public async Task Link_Lost_WhatWasAcknowledgedLastIsAcknowledgedAgain()
    {
        await using var opened = await OpenAsync();
        Time.Advance(TimeSpan.FromSeconds(5)); // what belongs to the handshake has long arrived
        var acknowledged = new List<byte[]>();
        for (var sequenceNumber = 2; sequenceNumber < 5; sequenceNumber++)
        {
            Node.Link.Arrive(MessageType.OutputStreamData, sequenceNumber, PayloadType.Output, "x"u8);
            acknowledged.Add((await Node.Link.NextAsync(MessageType.Acknowledge)).Payload);
        }

        for (var losses = 0; losses < 2; losses++)
        {
            Node.Link.Cut();
            if (losses > 0)
            {
                await Time.PassWaitAsync(); // it had brought nothing, and is not replaced at once
            }

            await Node.NextLinkAsync();

            foreach (var payload in acknowledged)
            {
                Assert.Equal(payload, (await Node.Link.NextAsync(MessageType.Acknowledge)).Payload);
            }
        }

        Assert.False(Node.Link.HasSent);
    }

    [Fact]
    public async Task Link_LostWhileTheNetworkIsAway_IsTriedAgainForAsLongAsItTakes()
    {
        for (var i = 0; i < 50; i++)
        {
            Node.OnResume(() => throw new IOException("no network"));
        }

        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        Node.Link.Cut();
        await PassTimeUntilAsync(() => Node.Resumes > 50, step: TimeSpan.FromSeconds(15));

        await Node.NextLinkAsync();
        await SkipAcknowledgesAsync(2);
        await channel.Output.WriteAsync(new byte[1]);
        await NextDataAsync(1);
    }

    [Fact]
    public async Task Link_LostAndItsCredentialsAreOver_WaitsForOthersAndSignsWithThose()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        var reasons = new List<Exception?>();
        channel.StateChanged += change => reasons.Add(change.Failure);
        Node.Sign = () => throw new IOException("no credentials");

        Node.Link.Cut();
        await PassTimeUntilAsync(() => Node.Resumes > 20, step: TimeSpan.FromSeconds(15));
        Assert.Equal(DataChannelState.Reconnecting, channel.State);
        Assert.Contains(reasons, reason => reason is IOException { Message: "no credentials" });
        Assert.Single(Node.Signatures);

        Node.Sign = () => "renewed";
        await PassTimeUntilAsync(() => channel.State == DataChannelState.Open, step: TimeSpan.FromSeconds(15));
        Assert.Equal(["signature", "renewed"], Node.Signatures);
        await Node.NextLinkAsync();
    }

    [Fact]
    public async Task Link_LostAndDenied_IsTriedAgainForAsLongAsItTakes()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        Exception? reason = null;
        channel.StateChanged += change => reason = change.Failure;
        Node.Forbids = _ => true;

        Node.Link.Cut();
        await PassTimeUntilAsync(() => Node.Resumes > 5, step: TimeSpan.FromSeconds(15));
        Assert.Equal("denied", reason?.Message);

        Node.Forbids = _ => false;
        await PassTimeUntilAsync(() => channel.State == DataChannelState.Open, step: TimeSpan.FromSeconds(15));
        await Node.NextLinkAsync();
    }

    [Fact]
    public async Task Link_LostAndTheSessionIsOver_FailsEverybodyWithTheReason()
    {
        Node.OnResume(() => null);
        await using var opened = await OpenAsync();
        var channel = opened.Channel;

        Node.Link.Cut();

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => channel.Completion);
        Assert.Equal(DataChannelError.SessionEnded, failure.Error);
        Assert.Same(failure, (await Assert.ThrowsAsync<DataChannelException>(async () => await channel.Input.ReadAsync())));
        await channel.DisposeAsync();
        Assert.Equal(0, Node.Terminations);
    }
}
