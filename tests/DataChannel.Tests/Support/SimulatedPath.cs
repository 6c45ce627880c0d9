using RdsTunnel.DataChannels.Reliability;

namespace RdsTunnel.DataChannels.Tests.Support;

/// <summary>What a path is like at one moment.</summary>
/// <param name="OneWay">Without queueing, each way.</param>
/// <param name="MessagesPerSecond">Of the narrowest place, on the way up.</param>
/// <param name="Buffer">Messages that may wait there; more are lost.</param>
/// <param name="Loss">Of each message, by chance.</param>
/// <param name="Competitor">Another flow shares the narrowest place: it takes what it can until it loses, as TCP's do.</param>
internal sealed record PathConditions(
    TimeSpan OneWay,
    double MessagesPerSecond,
    int Buffer = 100_000,
    double Loss = 0,
    bool Competitor = false
);

/// <summary>An upload without end through a <see cref="SendWindow"/> and a path, in simulated time.</summary>
internal sealed class SimulatedPath
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly Func<TimeSpan, PathConditions> _conditions;
    private readonly Random _random;
    private readonly SendWindow _window = new(maxMessageBytes: 8);
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private readonly HashSet<long> _arrived = [];
    private readonly List<TimeSpan> _arrivals = [];
    private TimeSpan _now = TimeSpan.FromTicks(1);
    private TimeSpan _busyUntil;
    private long _order;
    private double _competitorWindow = 10;
    private int _competitorInFlight;
    private TimeSpan _competitorCutAt;

    private SimulatedPath(Func<TimeSpan, PathConditions> conditions, int seed) => (_conditions, _random) = (conditions, new Random(seed));

    /// <summary>Messages that arrived in each second between two moments of an upload that begins at zero.</summary>
    public static double Rate(Func<TimeSpan, PathConditions> conditions, TimeSpan from, TimeSpan to, int seed = 1)
    {
        var path = new SimulatedPath(conditions, seed);
        path.RunUntil(to);
        return path._arrivals.Count(at => at >= from && at < to) / (to - from).TotalSeconds;
    }

    private void RunUntil(TimeSpan end)
    {
        At(Tick, OnTick);
        while (_now < end && _events.TryDequeue(out var happen, out var due))
        {
            _now = due.At;
            happen();
            Send();
        }
    }

    private void OnTick()
    {
        At(_now + Tick, OnTick);
        for (var room = (int)_competitorWindow; _conditions(_now).Competitor && _competitorInFlight < room; )
        {
            _competitorInFlight++;
            var conditions = _conditions(_now);
            if (Queue(conditions) is { } departure)
            {
                At(
                    departure + (2 * conditions.OneWay),
                    () =>
                    {
                        _competitorInFlight--;
                        _competitorWindow += 1 / _competitorWindow;
                    }
                );
            }
            else
            {
                // It learns of the loss a round trip later, and halves its window once for all losses of that time.
                At(
                    _busyUntil + (2 * conditions.OneWay),
                    () =>
                    {
                        _competitorInFlight--;
                        if (_now - _competitorCutAt > TimeSpan.FromMilliseconds(500))
                        {
                            _competitorCutAt = _now;
                            _competitorWindow = Math.Max(10, _competitorWindow / 2);
                        }
                    }
                );
            }
        }
    }

    private void Send()
    {
        while (_window.TakeRetransmission(_now) is { } again)
        {
            Transmit(again);
        }

        while (_window.HasRoom)
        {
            var message = _window.Reserve();
            message.LengthBytes = 8;
            _window.Commit(_now, _now);
            Transmit(message);
        }

        _window.OnBlocked();
    }

    private void Transmit(OutgoingMessage message)
    {
        var (sequenceNumber, messageId) = (message.SequenceNumber, message.MessageId);
        var conditions = _conditions(_now);
        if (Queue(conditions) is not { } departure || _random.NextDouble() < conditions.Loss)
        {
            return;
        }

        At(
            departure + conditions.OneWay,
            () =>
            {
                if (_arrived.Add(sequenceNumber))
                {
                    _arrivals.Add(_now);
                }

                At(_now + _conditions(_now).OneWay, () => _window.OnAcknowledge(sequenceNumber, messageId, _now));
            }
        );
    }

    // When a message leaves the narrowest place; null when it finds no room there.
    private TimeSpan? Queue(PathConditions conditions)
    {
        var begins = _busyUntil > _now ? _busyUntil : _now;
        if ((begins - _now).TotalSeconds * conditions.MessagesPerSecond > conditions.Buffer)
        {
            return null;
        }

        return _busyUntil = begins + TimeSpan.FromSeconds(1 / conditions.MessagesPerSecond);
    }

    private void At(TimeSpan due, Action happen) => _events.Enqueue(happen, (due, _order++));
}
