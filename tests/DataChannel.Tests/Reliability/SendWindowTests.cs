using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.DataChannels.Reliability;

namespace RdsTunnel.DataChannels.Tests.Reliability;

public sealed class SendWindowTests
{
    /// <summary>Of a message that was sent once: there is no doubt about it.</summary>
    private static readonly Guid AnyId = Guid.Empty;

    private readonly SendWindow _window = new(maxMessageBytes: 200);

    [Fact]
    public void Reserve_NewMessages_AreNumberedFromZero()
    {
        Assert.Equal([0, 1, 2], [Send(At(0)), Send(At(0)), Send(At(0))]);
    }

    [Fact]
    public void HasRoom_InitialWindowOutstanding_IsFalseUntilAcknowledged()
    {
        for (var i = 0; i < CongestionWindow.InitialMessages; i++)
        {
            Assert.True(_window.HasRoom);
            Send(At(0));
        }

        Assert.False(_window.HasRoom);
        _window.OnAcknowledge(0, AnyId, At(1));
        Assert.True(_window.HasRoom);
    }

    [Fact]
    public void TakeRetransmission_NothingComesBack_ResendsTheOldestWithDoublingWaitsUpToASecond()
    {
        Send(At(0));
        Send(At(0));
        var resentAt = new List<int>();
        for (var milliseconds = 0; milliseconds < 4_000; milliseconds++)
        {
            if (_window.TakeRetransmission(At(milliseconds)) is { } message)
            {
                Assert.Equal(resentAt.Count % 2, message.SequenceNumber);
                resentAt.Add(milliseconds);
            }
        }

        Assert.Equal([200, 600, 1_400, 2_400, 3_400], resentAt);
    }

    [Fact]
    public void TakeRetransmission_FirstDataAfterTheHandshake_IsResentQuickly()
    {
        Send(At(0), isQuick: true);

        Assert.Null(_window.TakeRetransmission(At(19)));
        Assert.NotNull(_window.TakeRetransmission(At(20)));
        Assert.Null(_window.TakeRetransmission(At(59)));
        Assert.NotNull(_window.TakeRetransmission(At(60)));
    }

    [Fact]
    public void OnAcknowledge_OfALaterMessage_TakesTheEarlierForLostAtOnce()
    {
        Send(At(0));
        Send(At(10));

        _window.OnAcknowledge(1, AnyId, At(12));

        Assert.Equal(0, _window.TakeRetransmission(At(12))?.SequenceNumber);
        Assert.Null(_window.TakeRetransmission(At(12)));
    }

    [Fact]
    public void OnAcknowledge_OfAMessageSentJustAfter_LeavesTimeForReordering()
    {
        Send(At(0));
        Send(At(1));

        _window.OnAcknowledge(1, AnyId, At(3));

        Assert.Null(_window.TakeRetransmission(At(3)));
    }

    [Fact]
    public void OnAcknowledge_OfAResentMessageWithoutAnIdThatIsKnown_GivesNoSample()
    {
        Send(At(0));
        _window.TakeRetransmission(At(200));

        _window.OnAcknowledge(0, AnyId, At(1_000));

        Assert.Null(_window.SmoothedRoundTripTime);
    }

    [Fact]
    public void OnAcknowledge_OfTheFirstOfTwoTransmissions_IsASampleOfItAndTakesNothingForLost()
    {
        var first = SendMessage(_window, At(0)).MessageId;
        Send(At(0));
        var again = _window.TakeRetransmission(At(200));

        _window.OnAcknowledge(0, first, At(400));

        Assert.NotEqual(first, again?.MessageId);
        Assert.Equal(At(400), _window.SmoothedRoundTripTime);
        Assert.Null(_window.TakeRetransmission(At(400)));
    }

    [Fact]
    public void OnAcknowledge_OfTheSecondOfTwoTransmissions_IsASampleOfItAndTakesEarlierOnesForLost()
    {
        Send(At(0));
        Send(At(0));
        var again = _window.TakeRetransmission(At(200))!;

        _window.OnAcknowledge(0, again.MessageId, At(240));

        Assert.Equal(At(40), _window.SmoothedRoundTripTime);
        Assert.Equal(1, _window.TakeRetransmission(At(240))?.SequenceNumber);
    }

    [Fact]
    public void OnAcknowledge_NeverSentOrTwice_IsIgnored()
    {
        Send(At(0));
        _window.OnAcknowledge(7, AnyId, At(1));
        _window.OnAcknowledge(-1, AnyId, At(1));
        Assert.False(_window.IsEmpty);
        _window.OnAcknowledge(0, AnyId, At(1));
        _window.OnAcknowledge(0, AnyId, At(2));
        Assert.True(_window.IsEmpty);
    }

    [Fact]
    public void OnNewLink_ResendsAllThatIsUnacknowledgedInOrder()
    {
        for (var i = 0; i < 10; i++)
        {
            Send(At(0));
        }

        _window.OnAcknowledge(3, AnyId, At(1));
        _window.OnNewLink(At(2));

        var resent = new List<long>();
        while (_window.TakeRetransmission(At(2)) is { } message)
        {
            resent.Add(message.SequenceNumber);
        }

        Assert.Equal([0, 1, 2, 4, 5, 6, 7, 8, 9], resent);
    }

    [Fact]
    public void Window_RoundTripTimeSwells_Shrinks()
    {
        var grown = Run(roundTripMilliseconds: _ => 20, rounds: 40);
        var shrunk = Run(roundTripMilliseconds: outstanding => 20 + (outstanding / 4), rounds: 60);

        Assert.True(grown > 500, $"{grown} messages in flight on a path without queueing");
        Assert.True(shrunk < 300, $"{shrunk} messages in flight on a path that queues");
    }

    [Fact]
    public void AnyLossyPath_EveryMessageArrivesAndMemoryIsBounded() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => Assert.True(Simulate(seed, messages: 3_000), $"seed {seed}"))
            .QuickCheckThrowOnFailure();

    // A path that loses, duplicates and reorders both ways, in virtual milliseconds.
    private static bool Simulate(int seed, int messages)
    {
        var random = new Random(seed);
        var window = new SendWindow(maxMessageBytes: 200);
        var loss = random.NextDouble() * 0.3;
        var isIdRepeated = random.NextDouble() < 0.8;
        var underway = new PriorityQueue<(bool IsAcknowledge, long SequenceNumber, Guid MessageId), int>();
        var arrived = new HashSet<long>();
        var sent = 0;
        for (var now = 0; now < 10_000_000 && !(sent == messages && window.IsEmpty); now++)
        {
            while (window.TakeRetransmission(At(now)) is { } message)
            {
                Put(false, message.SequenceNumber, message.MessageId, now);
            }

            while (sent < messages && window.HasRoom)
            {
                var message = SendMessage(window, At(now));
                Put(false, message.SequenceNumber, message.MessageId, now);
                sent++;
            }

            window.OnBlocked();
            while (underway.TryPeek(out var next, out var due) && due <= now)
            {
                underway.Dequeue();
                if (next.IsAcknowledge)
                {
                    window.OnAcknowledge(next.SequenceNumber, next.MessageId, At(now));
                }
                else
                {
                    arrived.Add(next.SequenceNumber);
                    Put(true, next.SequenceNumber, isIdRepeated ? next.MessageId : AnyId, now);
                }
            }
        }

        return arrived.Count == messages && window.IsEmpty;

        void Put(bool isAcknowledge, long sequenceNumber, Guid messageId, int now)
        {
            for (var copies = random.NextDouble() < 0.05 ? 2 : 1; copies > 0; copies--)
            {
                if (random.NextDouble() >= loss)
                {
                    underway.Enqueue((isAcknowledge, sequenceNumber, messageId), now + random.Next(1, 30));
                }
            }
        }
    }

    private static int Run(Func<int, int> roundTripMilliseconds, int rounds)
    {
        var window = new SendWindow(maxMessageBytes: 200);
        var underway = new PriorityQueue<long, int>();
        var most = 0;
        for (var now = 0; now < rounds * 20; now++)
        {
            while (underway.TryPeek(out var acknowledged, out var due) && due <= now)
            {
                underway.Dequeue();
                window.OnAcknowledge(acknowledged, AnyId, At(now));
            }

            while (window.HasRoom)
            {
                underway.Enqueue(Send(window, At(now)), now + roundTripMilliseconds(underway.Count));
            }

            window.OnBlocked();
            most = now > rounds * 10 ? Math.Max(most, underway.Count) : 0;
        }

        return most;
    }

    private long Send(TimeSpan now, bool isQuick = false) => Send(_window, now, isQuick);

    private static long Send(SendWindow window, TimeSpan now, bool isQuick = false) => SendMessage(window, now, isQuick).SequenceNumber;

    private static OutgoingMessage SendMessage(SendWindow window, TimeSpan now, bool isQuick = false)
    {
        var message = window.Reserve();
        window.Commit(now, now, isQuick);
        return message;
    }

    private static TimeSpan At(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
