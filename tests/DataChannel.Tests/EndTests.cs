using System.Buffers.Binary;
using System.Text;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Tests.Support;

namespace RdsTunnel.DataChannels.Tests;

/// <summary>How a channel ends, and what everybody is told.</summary>
public sealed class EndTests : ChannelTest
{
    [Theory]
    [InlineData("idle for 20 minutes", DataChannelError.SessionEnded, "idle for longer than your account allows")]
    [InlineData("Your session timed out due to inactivity.", DataChannelError.SessionEnded, "idle for longer than your account allows")]
    [InlineData("Your session has reached its maximum duration.", DataChannelError.SessionEnded, "maximum duration")]
    [InlineData("Unable to connect to specified port: refused", DataChannelError.SessionEnded, "could not connect to the port")]
    [InlineData(
        "Plugin with name Port is not supported by this version of ssm agent, please update to latest version. Step name: Port",
        DataChannelError.SessionEnded,
        "too old"
    )]
    [InlineData(
        "Forwarding to IP address 169.254.169.254 is forbidden.",
        DataChannelError.HostForbidden,
        "SSM agent 3.3.0.0 doesn't forward"
    )]
    [InlineData("Forwarding to IP address localhost is forbidden.", DataChannelError.HostForbidden, "the jump host itself")]
    [InlineData("Because of s3cret.", DataChannelError.SessionEnded, "The log has the reason")]
    [InlineData("", DataChannelError.SessionEnded, "AWS ended the session.")]
    public async Task ChannelClosed_ByTheService_SaysWhyInOurWords(string output, DataChannelError error, string said)
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;

        Node.Link.Arrive(
            MessageType.ChannelClosed,
            0,
            PayloadType.None,
            Encoding.UTF8.GetBytes(new System.Text.Json.Nodes.JsonObject { ["Output"] = output }.ToJsonString())
        );

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => channel.Completion);
        Assert.Equal(error, failure.Error);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        Assert.True(output.Length == 0 || !failure.Message.Contains(output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Node_AcknowledgesNothingForFiveMinutesOfConnection_EndsTheChannel()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        await channel.Output.WriteAsync(new byte[1]);
        await NextDataAsync(1);

        await PassTimeUntilAsync(() => channel.Completion.IsCompleted, step: TimeSpan.FromSeconds(1));

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => channel.Completion);
        Assert.Equal(DataChannelError.PeerUnresponsive, failure.Error);
        Assert.True(Time.GetUtcNow() > Time.Start + TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task DisposeAsync_Open_TellsTheNodeAndTheService()
    {
        var channel = (await OpenAsync()).Channel;

        var disposing = channel.DisposeAsync();
        var flag = await Node.Link.NextAsync(MessageType.InputStreamData);
        Node.Acknowledge(flag);
        await disposing;

        Assert.Equal(PayloadType.Flag, flag.Header.PayloadType);
        Assert.Equal((uint)PayloadFlag.TerminateSession, BinaryPrimitives.ReadUInt32BigEndian(flag.Payload));
        Assert.Equal(1, Node.Terminations);
        Assert.True(Node.Link.IsClosedInOrder);
        await channel.Completion;
    }

    [Fact]
    public async Task DisposeAsync_ServiceClosesTheLinkFirst_IsNoLossAndNothingIsResumed()
    {
        var channel = (await OpenAsync()).Channel;
        var states = new List<DataChannelState>();
        channel.StateChanged += change => states.Add(change.State);

        var disposing = channel.DisposeAsync().AsTask();
        await Node.Link.NextAsync(MessageType.InputStreamData);
        Node.Link.Cut();
        await PassTimeUntilAsync(() => disposing.IsCompleted, step: TimeSpan.FromMilliseconds(10));

        await disposing;
        Assert.Equal(0, Node.Resumes);
        Assert.Equal(1, Node.Terminations);
        Assert.Equal([DataChannelState.Closed], states);
        await channel.Completion;
    }
}
