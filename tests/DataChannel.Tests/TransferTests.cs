using System.Text;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Tests.Support;

namespace RdsTunnel.DataChannels.Tests;

/// <summary>What goes out and what comes in over an open channel.</summary>
public sealed class TransferTests : ChannelTest
{
    [Fact]
    public async Task Output_WrittenBytes_GoOutInMessagesOf1024()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;

        await channel.Output.WriteAsync(new byte[2500]);

        var messages = await NextDataAsync(3);
        Assert.Equal([1024, 1024, 452], messages.Select(message => message.Payload.Length));
    }

    [Fact]
    public async Task Output_FirstDataNotAcknowledged_IsResentSoonUnderAnIdOfItsOwn()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        await channel.Output.WriteAsync(Encoding.ASCII.GetBytes("hello"));
        var first = await Node.Link.NextAsync(MessageType.InputStreamData);

        Time.Advance(TimeSpan.FromMilliseconds(20));
        var second = await Node.Link.NextAsync(MessageType.InputStreamData);

        Assert.NotEqual(first.Header.MessageId, second.Header.MessageId);
        Assert.Equal(first.HeaderButForId, second.HeaderButForId);
        Assert.Equal(first.Payload, second.Payload);
        Assert.Equal(1, channel.Statistics.Retransmissions);
    }

    [Fact]
    public async Task Input_DataInOrder_IsDeliveredAndAcknowledged()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        var id = Guid.NewGuid();

        Node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "abc"u8, id);

        var acknowledge = await Node.Link.NextAsync(MessageType.Acknowledge);
        Assert.Equal(
            $$"""{"AcknowledgedMessageType":"output_stream_data","AcknowledgedMessageId":"{{id}}","AcknowledgedMessageSequenceNumber":2,"IsSequentialMessage":true}""",
            acknowledge.Text
        );
        Assert.Equal(3ul, acknowledge.Header.Flags);
        Assert.Equal(0, acknowledge.Header.SequenceNumber);
        Assert.Equal("abc", await ReadAsync(channel, 3));
    }

    [Fact]
    public async Task Input_DataOutOfOrderAndTwice_IsDeliveredOnceInOrderAndAlwaysAcknowledged()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;

        Node.Link.Arrive(MessageType.OutputStreamData, 3, PayloadType.Output, "b"u8);
        Node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "a"u8);
        Node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "a"u8);
        Node.Link.Arrive(MessageType.OutputStreamData, 4, PayloadType.Output, "c"u8);

        foreach (var sequenceNumber in new long[] { 3, 2, 2, 4 })
        {
            var acknowledge = await Node.Link.NextAsync(MessageType.Acknowledge);
            Assert.True(AcknowledgeContent.TryRead(acknowledge.Payload, out var acknowledged, out _));
            Assert.Equal(sequenceNumber, acknowledged);
        }

        Assert.Equal("abc", await ReadAsync(channel, 3));
    }

    [Fact]
    public async Task Input_MessagesThatCannotBeRead_AreCountedAndDropped()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;

        Node.Link.ArriveBytes([1, 2, 3]);
        Node.Link.ArriveBytes(new byte[200]);
        Node.Link.Arrive(MessageType.Acknowledge, 0, PayloadType.None, "{}"u8);
        Node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "ok"u8);

        Assert.Equal("ok", await ReadAsync(channel, 2));
        Assert.Equal(3, channel.Statistics.InvalidMessages);
    }

    [Fact]
    public async Task PausePublication_NewDataIsHeldBackButTheOldestIsProbed_UntilAnythingComesBack()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        Node.Link.Arrive(MessageType.PausePublication, 0, PayloadType.None, []);
        // Once this one has been counted, the pause before it has been seen.
        Node.Link.ArriveBytes([0]);
        await PassTimeUntilAsync(() => channel.Statistics.InvalidMessages == 1, step: TimeSpan.Zero);
        await channel.Output.WriteAsync(new byte[1024]);
        await channel.Output.WriteAsync(new byte[1024]);
        var probe = await Node.Link.NextAsync(MessageType.InputStreamData);
        Time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(probe.HeaderButForId, (await Node.Link.NextAsync(MessageType.InputStreamData)).HeaderButForId);
        Assert.False(Node.Link.HasSent);

        Node.Acknowledge(probe);

        Assert.Equal(2, (await Node.Link.NextAsync(MessageType.InputStreamData)).Header.SequenceNumber);
    }

    [Fact]
    public async Task SendFlagAsync_WithDataWrittenBefore_ComesAfterIt()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        await channel.Output.WriteAsync(new byte[1500]);
        await channel.SendFlagAsync(PayloadFlag.DisconnectToPort, CancellationToken.None);

        var messages = await NextDataAsync(3);

        Assert.Equal([PayloadType.Output, PayloadType.Output, PayloadType.Flag], messages.Select(message => message.Header.PayloadType));
    }

    [Fact]
    public async Task ConnectToPortError_FromTheNode_IsReported()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        var reported = new TaskCompletionSource();
        channel.ConnectToPortFailed += reported.SetResult;

        Node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Flag, [0, 0, 0, (byte)PayloadFlag.ConnectToPortError]);

        await reported.Task;
    }
}
