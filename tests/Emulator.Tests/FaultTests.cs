using System.Net.WebSockets;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Faults;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Tests;

public sealed class FaultTests
{
    private const int Messages = 400;

    [Fact]
    public async Task Drop_LosesAShareOfTheMessages_TheSameForTheSameSeed()
    {
        var first = await RunAsync(new LinkFaults(Drop: 0.25, Seed: 7));
        var second = await RunAsync(new LinkFaults(Drop: 0.25, Seed: 7));

        Assert.InRange(first.Count, Messages * 0.6, Messages * 0.9);
        Assert.Equal(first, second);
        Assert.Equal(first.Order(), first);
    }

    [Fact]
    public async Task Duplicate_DeliversAShareTwice()
    {
        var delivered = await RunAsync(new LinkFaults(Duplicate: 0.25, Seed: 7));

        Assert.InRange(delivered.Count, Messages * 1.1, Messages * 1.4);
        Assert.Equal(Enumerable.Range(0, Messages), delivered.Distinct());
    }

    [Fact]
    public async Task Reorder_LetsMessagesPass_AndLosesNone()
    {
        var delivered = await RunAsync(new LinkFaults(Reorder: 0.25, Seed: 7));

        Assert.NotEqual(Enumerable.Range(0, delivered.Count), delivered);
        Assert.Equal(Enumerable.Range(0, Messages), delivered.Order());
    }

    [Fact]
    public async Task Delay_DeliversAfterTheDelay_AndLosesNone()
    {
        var time = EmulatorFixture.CreateFakeTime();
        var delivered = await RunAsync(new LinkFaults(Delay: 0.25, DelayTime: TimeSpan.FromSeconds(5), Seed: 7), time);
        Assert.InRange(delivered.Count, Messages * 0.6, Messages * 0.9);

        time.Advance(TimeSpan.FromSeconds(5));

        await Eventually.TrueAsync(() => delivered.Count == Messages);
        Assert.Equal(Enumerable.Range(0, Messages), delivered.Order());
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Acknowledgements_AreTouchedOnlyWhenAskedFor(bool include, int lost)
    {
        var losses = 0;
        var injector = new FaultInjector(
            new LinkFaults(Drop: 1, IncludeAcknowledgements: include),
            TimeProvider.System,
            _ => { },
            () => losses++
        );

        await injector.ApplyAsync(RelayMessage.CopyOf([1]), MessageKind.Acknowledge, Release);

        Assert.Equal(lost, losses);
    }

    [Fact]
    public async Task CutClientAfter_CutsEachConnectionSoManyTimes()
    {
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { OnSessionStarting = session => session.Faults.CutClientAfter(3, times: 2) }
        );
        var (session, client) = await emulator.ConnectAsync();
        for (var cut = 0; cut < 2; cut++)
        {
            for (var i = 0; i < 10 && await SendAsync(client); i++) { }

            await client.DrainAsync();
            Assert.Null(client.CloseStatus);
            client.Dispose();
            client = await emulator.ResumeAsync(session);
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.True(await SendAsync(client));
        }

        await Eventually.TrueAsync(() => session.Counters.ClientConnections == 3);
        client.Dispose();
    }

    [Fact]
    public async Task CutClient_CutsAtOnce_AndTheSessionGoesOn()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (session, client) = await emulator.ConnectAsync();
        await client.ShakeHandsAsync();

        session.Faults.CutClient();
        await client.DrainAsync();

        Assert.Null(client.CloseStatus);
        using var resumed = await emulator.ResumeAsync(session);
        await resumed.SendFlagAsync(1, PayloadFlag.TerminateSession);
        Assert.Equal(SessionEndReason.AgentFinished, (await session.Ended).Reason);
        client.Dispose();
    }

    [Fact]
    public async Task FreezeClient_KeepsTheSocketOpen_AndLetsNothingThrough()
    {
        await using var target = new TestTarget();
        await using var emulator = await EmulatorFixture.StartAsync();
        var (session, client) = await emulator.ConnectAsync(target.Port);
        using var connection = client;
        await client.ShakeHandsAsync();
        await client.SendDataAsync(1, SmuxFrames.Open(3, [.. TestTarget.EchoPrefix, 1]));
        await client.AcknowledgeAsync(await client.ReceiveAsync(MessageType.OutputStreamData));
        var carried = session.Counters.ClientToNode.Messages;

        session.Faults.FreezeClient();
        await client.SendDataAsync(2, SmuxFrames.Push(3, [2]));
        var nothing = DataAfterAsync(client);

        // A second connection works: by then the frozen one would have had its answer.
        using var resumed = await emulator.ResumeAsync(session);
        await resumed.SendDataAsync(2, SmuxFrames.Push(3, [3]));
        Assert.Equal(
            SmuxFrames.Push(3, [3]),
            (await resumed.ReceiveAsync(MessageType.OutputStreamData, message => message.Header.SequenceNumber > 2)).Payload
        );
        Assert.InRange(session.Counters.ClientToNode.Messages, carried, carried + 2);
        client.Abort();
        Assert.Null(await nothing);
    }

    [Fact]
    public async Task RefuseResume_FailsSoManyTimesWithItsCode()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        session.Faults.RefuseResume(times: 2, code: "InternalServerError", statusCode: 500);

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("InternalServerError", await emulator.Aws.ErrorCodeAsync("ResumeSession", new() { ["SessionId"] = session.Id }));
        }

        using var resumed = await emulator.ResumeAsync(session);
    }

    [Fact]
    public async Task RefuseUpgrade_AnswersWithTheStatus_AndLeavesTheTokenUnused()
    {
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { OnSessionStarting = session => session.Faults.RefuseUpgrade(statusCode: 502) }
        );
        var (_, streamUrl, token) = await emulator.Aws.StartSessionAsync(9);

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => ScriptedPeer.ConnectAsync(streamUrl, token));
        using var client = await ScriptedPeer.ConnectAsync(streamUrl, token);

        Assert.Contains("502", refused.Message, StringComparison.Ordinal);
        await client.ReceiveAsync(MessageType.OutputStreamData);
    }

    [Fact]
    public async Task EndSession_TellsTheClientWhy()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        await client.ShakeHandsAsync();

        session.Faults.EndSession("Because.");

        Assert.Contains("\"Output\":\"Because.\"", (await client.ReceiveAsync(MessageType.ChannelClosed)).Text, StringComparison.Ordinal);
        Assert.Equal(
            new { Reason = SessionEndReason.Fault, Output = "Because." },
            new { session.EndedWith!.Reason, session.EndedWith.Output }
        );
    }

    [Fact]
    public async Task KillAgent_LeavesASessionThatNeverAnswers()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;
        await client.ShakeHandsAsync();
        var answers = session.Counters.NodeToClient.Messages;

        session.Faults.KillAgent();
        await client.SendDataAsync(1, SmuxFrames.Syn(3));
        await Eventually.TrueAsync(() => session.Counters.ClientToNode.DataMessages == 2);

        Assert.InRange(session.Counters.NodeToClient.Messages, answers, answers + 1);
        Assert.Null(session.EndedWith);
        Assert.True(session.IsNodeConnected);
    }

    [Fact]
    public async Task StoppedEmulator_EndsEverySession()
    {
        EmulatedSession session;
        ScriptedPeer client;
        await using (var emulator = await EmulatorFixture.StartAsync())
        {
            (session, client) = await emulator.ConnectAsync();
            await client.ShakeHandsAsync();
        }

        await client.DrainAsync();
        Assert.Equal(SessionEndReason.EmulatorStopped, session.EndedWith!.Reason);
        client.Dispose();
    }

    /// <summary>The first data that still comes; null when none does.</summary>
    private static async Task<ReceivedMessage?> DataAfterAsync(ScriptedPeer client)
    {
        try
        {
            return await client.ReceiveAsync(MessageType.OutputStreamData);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The numbers of the messages that get through, in their order.</summary>
    private static async Task<List<int>> RunAsync(LinkFaults faults, TimeProvider? time = null)
    {
        var delivered = new List<int>();
        var background = new List<Task>();
        var injector = new FaultInjector(
            faults,
            time ?? TimeProvider.System,
            work => background.Add(work(CancellationToken.None)),
            () => { }
        );
        for (var i = 0; i < Messages; i++)
        {
            await injector.ApplyAsync(
                RelayMessage.CopyOf(BitConverter.GetBytes(i)),
                MessageKind.StreamData,
                message =>
                {
                    lock (delivered)
                    {
                        delivered.Add(BitConverter.ToInt32(message.Span));
                    }

                    return Release(message);
                }
            );
        }

        if (time is null)
        {
            await Task.WhenAll(background);
        }

        return delivered;
    }

    private static ValueTask Release(RelayMessage message)
    {
        message.Release();
        return ValueTask.CompletedTask;
    }

    private static async Task<bool> SendAsync(ScriptedPeer client)
    {
        try
        {
            await client.SendDataAsync(99, [1]);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }
}
