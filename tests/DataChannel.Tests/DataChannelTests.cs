using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Tests.Support;

namespace RdsTunnel.DataChannels.Tests;

public sealed class DataChannelTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedNode _node = new();

    [Fact]
    public async Task OpenAsync_NodeShakesHands_AnswersAsTheReferenceClientDoes()
    {
        var opening = StartOpening();
        await _node.NextLinkAsync();
        _node.SendHandshakeRequest("SessionType", "Port", "3.2.1.0");
        await _node.Link.NextAsync(MessageType.Acknowledge);
        var response = await _node.Link.NextAsync(MessageType.InputStreamData);

        Assert.Equal(PayloadType.HandshakeResponse, response.Header.PayloadType);
        Assert.Equal(0, response.Header.SequenceNumber);
        Assert.Equal(
            """{"ClientVersion":"1.2.896.0","ProcessedClientActions":[{"ActionType":"SessionType","ActionStatus":1,"ActionResult":null,"Error":""}],"Errors":null}""",
            response.Text);

        _node.Acknowledge(response);
        _node.Send(PayloadType.HandshakeComplete, """{"HandshakeTimeToComplete":1,"CustomerMessage":null}""");
        await using var opened = new Opened(await opening, _time);
        var channel = opened.Channel;
        Assert.Equal("3.2.1.0", channel.AgentVersion);
        Assert.Equal(DataChannelState.Open, channel.State);
    }

    [Fact]
    public async Task OpenAsync_NodeNeverAnswers_EndsTheSessionAndSaysSo()
    {
        var opening = StartOpening();
        await _node.NextLinkAsync();

        _time.Advance(TimeSpan.FromSeconds(31));

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);
        Assert.Equal(DataChannelError.HandshakeTimeout, failure.Error);
        Assert.Equal(1, _node.Terminations);
    }

    [Theory]
    [InlineData("KMSEncryption", "")]
    [InlineData("SessionType", "Standard_Stream")]
    public async Task OpenAsync_NodeAsksForSomethingElse_IsToldSoAndTheSessionIsEnded(string actionType, string sessionType)
    {
        var opening = StartOpening();
        await _node.NextLinkAsync();
        _node.SendHandshakeRequest(actionType, sessionType);

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);

        Assert.Equal(DataChannelError.HandshakeRefused, failure.Error);
        Assert.Equal(1, _node.Terminations);
        await _node.Link.NextAsync(MessageType.Acknowledge);
        Assert.Contains("\"ActionStatus\":3", (await _node.Link.NextAsync(MessageType.InputStreamData)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"portNumber":"22"}""")]
    [InlineData("""{"portNumber":"22","type":"RemotePortForwarding"}""")]
    [InlineData("""{"portNumber":"22","type":7}""")]
    public async Task OpenAsync_DocumentThatForwardsNoLocalPort_IsRefused(string properties)
    {
        var opening = StartOpening();
        await _node.NextLinkAsync();
        _node.Send(PayloadType.HandshakeRequest,
            """{"AgentVersion":"3.3.0.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":{"SessionType":"Port","Properties":{}}}]}"""
                .Replace("{}", properties, StringComparison.Ordinal));

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);

        Assert.Equal(DataChannelError.HandshakeRefused, failure.Error);
        Assert.Contains("does not forward local ports", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"AgentVersion":"3.3.0.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":[1]}]}""")]
    public async Task OpenAsync_HandshakeThatCannotBeRead_IsAProtocolError(string request)
    {
        var opening = StartOpening();
        await _node.NextLinkAsync();
        _node.Send(PayloadType.HandshakeRequest, request);

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opening);

        Assert.Equal(DataChannelError.ProtocolError, failure.Error);
    }

    [Fact]
    public async Task OpenAsync_Cancelled_EndsTheSession()
    {
        using var cancellation = new CancellationTokenSource();
        var opening = StartOpening(cancellation.Token);
        await _node.NextLinkAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        Assert.Equal(1, _node.Terminations);
    }

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
    public async Task Output_FirstDataNotAcknowledged_IsResentSoonWithTheSameBytes()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        await channel.Output.WriteAsync(Encoding.ASCII.GetBytes("hello"));
        var first = await _node.Link.NextAsync(MessageType.InputStreamData);

        _time.Advance(TimeSpan.FromMilliseconds(20));
        var second = await _node.Link.NextAsync(MessageType.InputStreamData);

        Assert.Equal(first.Header, second.Header);
        Assert.Equal(first.Payload, second.Payload);
        Assert.Equal(1, channel.Statistics.Retransmissions);
    }

    [Fact]
    public async Task Input_DataInOrder_IsDeliveredAndAcknowledged()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        var id = Guid.NewGuid();

        _node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "abc"u8, id);

        var acknowledge = await _node.Link.NextAsync(MessageType.Acknowledge);
        Assert.Equal(
            $$"""{"AcknowledgedMessageType":"output_stream_data","AcknowledgedMessageId":"{{id}}","AcknowledgedMessageSequenceNumber":2,"IsSequentialMessage":true}""",
            acknowledge.Text);
        Assert.Equal(3ul, acknowledge.Header.Flags);
        Assert.Equal(0, acknowledge.Header.SequenceNumber);
        Assert.Equal("abc", await ReadAsync(channel, 3));
    }

    [Fact]
    public async Task Input_DataOutOfOrderAndTwice_IsDeliveredOnceInOrderAndAlwaysAcknowledged()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;

        _node.Link.Arrive(MessageType.OutputStreamData, 3, PayloadType.Output, "b"u8);
        _node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "a"u8);
        _node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "a"u8);
        _node.Link.Arrive(MessageType.OutputStreamData, 4, PayloadType.Output, "c"u8);

        foreach (var sequenceNumber in new long[] { 3, 2, 2, 4 })
        {
            var acknowledge = await _node.Link.NextAsync(MessageType.Acknowledge);
            Assert.True(AcknowledgeContent.TryReadSequenceNumber(acknowledge.Payload, out var acknowledged));
            Assert.Equal(sequenceNumber, acknowledged);
        }

        Assert.Equal("abc", await ReadAsync(channel, 3));
    }

    [Fact]
    public async Task Input_MessagesThatCannotBeRead_AreCountedAndDropped()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;

        _node.Link.ArriveBytes([1, 2, 3]);
        _node.Link.ArriveBytes(new byte[200]);
        _node.Link.Arrive(MessageType.Acknowledge, 0, PayloadType.None, "{}"u8);
        _node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "ok"u8);

        Assert.Equal("ok", await ReadAsync(channel, 2));
        Assert.Equal(3, channel.Statistics.InvalidMessages);
    }

    [Fact]
    public async Task PausePublication_NewDataIsHeldBackButTheOldestIsProbed_UntilAnythingComesBack()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        _node.Link.Arrive(MessageType.PausePublication, 0, PayloadType.None, []);
        // Once this one has been counted, the pause before it has been seen.
        _node.Link.ArriveBytes([0]);
        await PassTimeUntilAsync(() => channel.Statistics.InvalidMessages == 1, step: TimeSpan.Zero);
        await channel.Output.WriteAsync(new byte[1024]);
        await channel.Output.WriteAsync(new byte[1024]);
        var probe = await _node.Link.NextAsync(MessageType.InputStreamData);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(probe.Header, (await _node.Link.NextAsync(MessageType.InputStreamData)).Header);
        Assert.False(_node.Link.HasSent);

        _node.Acknowledge(probe);

        Assert.Equal(2, (await _node.Link.NextAsync(MessageType.InputStreamData)).Header.SequenceNumber);
    }

    [Fact]
    public async Task Link_Lost_IsResumedAndWhatWasUnderWayIsSentAgain()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        await channel.Output.WriteAsync(new byte[3000]);
        var sent = new[]
        {
            await _node.Link.NextAsync(MessageType.InputStreamData), await _node.Link.NextAsync(MessageType.InputStreamData),
            await _node.Link.NextAsync(MessageType.InputStreamData),
        };
        _node.Acknowledge(sent[1]);
        _node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Output, "x"u8);
        Assert.Equal("x", await ReadAsync(channel, 1));

        _node.Link.Cut();
        await _node.NextLinkAsync();

        await SkipAcknowledgesAsync(3);
        var resent = await NextDataAsync(2);
        Assert.Equal([sent[0].Header, sent[2].Header], resent.Select(message => message.Header));
        Assert.Equal(1, channel.Statistics.Resumes);
    }

    [Fact]
    public async Task Link_Lost_WhatWasAcknowledgedLastIsAcknowledgedAgain()
    {
        await using var opened = await OpenAsync();
        _time.Advance(TimeSpan.FromSeconds(5)); // what belongs to the handshake has long arrived
        var acknowledged = new List<byte[]>();
        for (var sequenceNumber = 2; sequenceNumber < 5; sequenceNumber++)
        {
            _node.Link.Arrive(MessageType.OutputStreamData, sequenceNumber, PayloadType.Output, "x"u8);
            acknowledged.Add((await _node.Link.NextAsync(MessageType.Acknowledge)).Payload);
        }

        for (var losses = 0; losses < 2; losses++)
        {
            _node.Link.Cut();
            await _node.NextLinkAsync();

            foreach (var payload in acknowledged)
            {
                Assert.Equal(payload, (await _node.Link.NextAsync(MessageType.Acknowledge)).Payload);
            }
        }

        Assert.False(_node.Link.HasSent);
    }

    [Fact]
    public async Task Link_LostWhileTheNetworkIsAway_IsTriedAgainForAsLongAsItTakes()
    {
        for (var i = 0; i < 50; i++)
        {
            _node.OnResume(() => throw new IOException("no network"));
        }

        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        _node.Link.Cut();
        await PassTimeUntilAsync(() => _node.Resumes > 50, step: TimeSpan.FromSeconds(15));

        await _node.NextLinkAsync();
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
        _node.Sign = () => throw new IOException("no credentials");

        _node.Link.Cut();
        await PassTimeUntilAsync(() => _node.Resumes > 20, step: TimeSpan.FromSeconds(15));
        Assert.Equal(DataChannelState.Reconnecting, channel.State);
        Assert.Contains(reasons, reason => reason is IOException { Message: "no credentials" });
        Assert.Single(_node.Signatures);

        _node.Sign = () => "renewed";
        await PassTimeUntilAsync(() => channel.State == DataChannelState.Open, step: TimeSpan.FromSeconds(15));
        Assert.Equal(["signature", "renewed"], _node.Signatures);
        await _node.NextLinkAsync();
    }

    [Fact]
    public async Task Link_LostAndDenied_IsTriedAgainForAsLongAsItTakes()
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;
        Exception? reason = null;
        channel.StateChanged += change => reason = change.Failure;
        _node.Forbids = _ => true;

        _node.Link.Cut();
        await PassTimeUntilAsync(() => _node.Resumes > 5, step: TimeSpan.FromSeconds(15));
        Assert.Equal("denied", reason?.Message);

        _node.Forbids = _ => false;
        await PassTimeUntilAsync(() => channel.State == DataChannelState.Open, step: TimeSpan.FromSeconds(15));
        await _node.NextLinkAsync();
    }

    [Fact]
    public async Task Link_LostAndTheSessionIsOver_FailsEverybodyWithTheReason()
    {
        _node.OnResume(() => null);
        await using var opened = await OpenAsync();
        var channel = opened.Channel;

        _node.Link.Cut();

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => channel.Completion);
        Assert.Equal(DataChannelError.SessionEnded, failure.Error);
        Assert.Same(failure, (await Assert.ThrowsAsync<DataChannelException>(async () => await channel.Input.ReadAsync())));
        await channel.DisposeAsync();
        Assert.Equal(0, _node.Terminations);
    }

    [Fact]
    public async Task Handshake_ASecondTime_IsAProtocolError()
    {
        await using var opened = await OpenAsync();

        _node.SendHandshakeRequest("SessionType", "Port");

        var failure = await Assert.ThrowsAsync<DataChannelException>(() => opened.Channel.Completion);
        Assert.Equal(DataChannelError.ProtocolError, failure.Error);
    }

    [Theory]
    [InlineData("idle for 20 minutes", DataChannelError.SessionEnded, "idle for longer than the account allows")]
    [InlineData("Your session timed out due to inactivity.", DataChannelError.SessionEnded, "idle for longer than the account allows")]
    [InlineData("Your session has reached its maximum duration.", DataChannelError.SessionEnded, "longest duration")]
    [InlineData("Unable to connect to specified port: refused", DataChannelError.SessionEnded, "could not connect to the port")]
    [InlineData("Plugin with name Port is not supported by this version of ssm agent, please update to latest version. Step name: Port", DataChannelError.SessionEnded, "too old")]
    [InlineData("Forwarding to IP address 169.254.169.254 is forbidden.", DataChannelError.HostForbidden, "SSM agent 3.3.0.0 refuses to forward")]
    [InlineData("Forwarding to IP address localhost is forbidden.", DataChannelError.HostForbidden, "the jump host itself")]
    [InlineData("Because of s3cret.", DataChannelError.SessionEnded, "a reason that the log quotes")]
    [InlineData("", DataChannelError.SessionEnded, "The service ended the session.")]
    public async Task ChannelClosed_ByTheService_SaysWhyInOurWords(string output, DataChannelError error, string said)
    {
        await using var opened = await OpenAsync();
        var channel = opened.Channel;

        _node.Link.Arrive(
            MessageType.ChannelClosed, 0, PayloadType.None, System.Text.Encoding.UTF8.GetBytes(new System.Text.Json.Nodes.JsonObject { ["Output"] = output }.ToJsonString()));

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
        Assert.True(_time.GetUtcNow() > _time.Start + TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task DisposeAsync_Open_TellsTheNodeAndTheService()
    {
        var channel = (await OpenAsync()).Channel;

        var disposing = channel.DisposeAsync();
        var flag = await _node.Link.NextAsync(MessageType.InputStreamData);
        _node.Acknowledge(flag);
        await disposing;

        Assert.Equal(PayloadType.Flag, flag.Header.PayloadType);
        Assert.Equal((uint)PayloadFlag.TerminateSession, BinaryPrimitives.ReadUInt32BigEndian(flag.Payload));
        Assert.Equal(1, _node.Terminations);
        Assert.True(_node.Link.IsClosedInOrder);
        await channel.Completion;
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

        _node.Link.Arrive(MessageType.OutputStreamData, 2, PayloadType.Flag, [0, 0, 0, (byte)PayloadFlag.ConnectToPortError]);

        await reported.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    // Fake time passes as long as it takes; the real time only bounds a test that fails.
    private async Task PassTimeUntilAsync(Func<bool> condition, TimeSpan step)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "It never came to that.");
            _time.Advance(step);
            await Task.Yield();
        }
    }

    private Task<DataChannel> StartOpening(CancellationToken cancellationToken = default) => DataChannel.OpenAsync(
        _node.Access, _node, _node, new DataChannelOptions(), _time, NullLogger.Instance, cancellationToken);

    private async Task<Opened> OpenAsync()
    {
        var opening = StartOpening();
        await _node.NextLinkAsync();
        await _node.ShakeHandsAsync();
        return new Opened(await opening, _time);
    }

    // A new link begins with those that were sent last on the old one, the handshake's among them.
    private async Task SkipAcknowledgesAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _node.Link.NextAsync(MessageType.Acknowledge);
        }
    }

    private async Task<List<SentMessage>> NextDataAsync(int count)
    {
        var messages = new List<SentMessage>();
        while (messages.Count < count)
        {
            messages.Add(await _node.Link.NextAsync(MessageType.InputStreamData));
        }

        return messages;
    }

    private static async Task<string> ReadAsync(DataChannel channel, int count)
    {
        var result = await channel.Input.ReadAtLeastAsync(count).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        var text = Encoding.ASCII.GetString(result.Buffer.Slice(0, count).ToArray());
        channel.Input.AdvanceTo(result.Buffer.GetPosition(count));
        return text;
    }

    // An end that the node does not confirm takes its time, which has to pass.
    private sealed class Opened(DataChannel channel, FakeTimeProvider time) : IAsyncDisposable
    {
        public DataChannel Channel => channel;

        public async ValueTask DisposeAsync()
        {
            var disposing = channel.DisposeAsync().AsTask();
            while (!disposing.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Yield();
            }

            await disposing;
        }
    }
}
