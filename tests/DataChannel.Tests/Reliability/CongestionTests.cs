using RdsTunnel.DataChannels.Reliability;
using RdsTunnel.DataChannels.Tests.Support;
using Xunit.Abstractions;

namespace RdsTunnel.DataChannels.Tests.Reliability;

/// <summary>An upload over a path that changes: three seconds later it is as fast as one that has just begun there, or nearly.</summary>
public sealed class CongestionTests(ITestOutputHelper output)
{
    /// <summary>What the AWS CLI's plugin sends, on any path: a message, then a millisecond's sleep.</summary>
    private const double PluginMessagesPerSecond = 600;

    private static readonly TimeSpan ChangeAt = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<string, (PathConditions Before, Func<TimeSpan, PathConditions> After)> Cases = new()
    {
        ["nothing changes"] = (Path(20, 9000), _ => Path(20, 9000)),
        ["delay 0 to 20 ms"] = (Path(0.1, 9000), _ => Path(20, 9000)),
        ["delay 0 to 100 ms"] = (Path(0.1, 9000), _ => Path(100, 9000)),
        ["delay 0 to 10 ms"] = (Path(0.1, 9000), _ => Path(10, 9000)),
        ["delay 20 to 50 ms, fast"] = (Path(20, 30_000), _ => Path(50, 30_000)),
        ["delay 100 to 20 ms"] = (Path(100, 9000), _ => Path(20, 9000)),
        ["the path narrows to a tenth, with a large buffer"] = (Path(20, 9000), _ => Path(20, 900)),
        ["the path narrows to a slow line, with a large buffer"] = (Path(20, 9000), _ => Path(20, 100)),
        ["the path widens"] = (Path(20, 900), _ => Path(20, 9000)),
        ["another flow comes"] = (Path(20, 5000, buffer: 1000), _ => Path(20, 5000, buffer: 1000) with { Competitor = true }),
        ["another flow comes, with a small buffer"] = (
            Path(20, 5000, buffer: 200),
            _ => Path(20, 5000, buffer: 200) with { Competitor = true }
        ),
        ["another flow goes"] = (Path(20, 5000, buffer: 1000) with { Competitor = true }, _ => Path(20, 5000, buffer: 1000)),
        ["one in a hundred is lost"] = (Path(20, 9000), _ => Path(20, 9000) with { Loss = 0.01 }),
        ["one in a hundred is lost, far away"] = (Path(0.1, 9000), _ => Path(100, 9000) with { Loss = 0.01 }),
        ["loss ends"] = (Path(20, 9000) with { Loss = 0.02 }, _ => Path(20, 9000)),
        ["delay 0 to 210 ms"] = (Path(0.1, 9000), _ => Path(210, 9000)),
        ["delay 0 to 250 ms"] = (Path(0.1, 9000), _ => Path(250, 9000)),
        ["delay 0 to 300 ms"] = (Path(0.1, 9000), _ => Path(300, 9000)),
        ["delay 20 to 400 ms"] = (Path(20, 9000), _ => Path(400, 9000)),
        ["delay 100 to 300 ms"] = (Path(100, 9000), _ => Path(300, 9000)),
        ["delay 150 to 250 ms"] = (Path(150, 9000), _ => Path(250, 9000)),
        ["delay 300 to 20 ms"] = (Path(300, 9000), _ => Path(20, 9000)),
        ["delay 0 to 250 ms, fast"] = (Path(0.1, 30_000), _ => Path(250, 30_000)),
        ["delay 20 to 300 ms, slow"] = (Path(20, 900), _ => Path(300, 900)),
        ["delay 20 to 420 ms, a step each second"] = (
            Path(20, 9000),
            since => Path(20 + (100 * Math.Min(4, (int)since.TotalSeconds)), 9000)
        ),
        ["delay 20 to 250 ms, and the path narrows to a tenth, with a large buffer"] = (Path(20, 9000), _ => Path(250, 900)),
        ["delay 20 to 250 ms, and the path narrows to a slow line, with a large buffer"] = (Path(20, 9000), _ => Path(250, 100)),
        ["delay 20 to 250 ms, with a small buffer"] = (Path(20, 5000, buffer: 200), _ => Path(250, 5000, buffer: 200)),
        ["delay 20 to 250 ms, and another flow comes"] = (
            Path(20, 5000, buffer: 1000),
            _ => Path(250, 5000, buffer: 1000) with { Competitor = true }
        ),
        ["delay 20 to 250 ms, beside another flow"] = (
            Path(20, 5000, buffer: 1000) with
            {
                Competitor = true,
            },
            _ => Path(250, 5000, buffer: 1000) with { Competitor = true }
        ),
        ["delay 20 to 250 ms, and one in a hundred is lost"] = (Path(20, 9000), _ => Path(250, 9000) with { Loss = 0.01 }),
        ["delay 20 to 250 ms, and one in a thousand is lost"] = (Path(20, 9000), _ => Path(250, 9000) with { Loss = 0.001 }),
        ["a route far away that flaps each second"] = (Path(10, 9000), since => Path((int)since.TotalSeconds % 2 == 0 ? 300 : 10, 9000)),
        ["a route far away that flaps each two seconds"] = (
            Path(10, 9000),
            since => Path((int)since.TotalSeconds / 2 % 2 == 0 ? 150 : 10, 9000)
        ),
        ["a route far away that flaps each five seconds"] = (
            Path(10, 9000),
            since => Path((int)since.TotalSeconds / 5 % 2 == 0 ? 300 : 10, 9000)
        ),
        ["a route that flaps each second"] = (Path(10, 9000), since => Path((int)since.TotalSeconds % 2 == 0 ? 60 : 10, 9000)),
        ["a route that flaps each five seconds"] = (Path(10, 9000), since => Path((int)since.TotalSeconds / 5 % 2 == 0 ? 100 : 10, 9000)),
    };

    public static TheoryData<string> Names => new(Cases.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Upload_PathChanges_IsSoonAsFastAsAFreshOne(string name)
    {
        var (before, after) = Cases[name];
        var seeds = Enumerable.Range(1, after(TimeSpan.Zero).Loss > 0 ? 6 : 1).ToArray();
        var changed = seeds.Average(seed => Changed(before, after, seed));
        var fresh = seeds.Average(seed => SimulatedPath.Rate(after, Grace, Grace + Watched, seed));
        output.WriteLine($"{name}: {changed:F0} messages/s, a fresh session {fresh:F0}");

        Assert.True(changed >= 0.9 * fresh, $"{changed:F0} messages/s, a fresh session {fresh:F0}");
        Assert.True(changed >= 0.9 * Math.Min(PluginMessagesPerSecond, fresh), $"{changed:F0} messages/s");
    }

    [Theory]
    [InlineData(0.1, 210)]
    [InlineData(0.1, 300)]
    [InlineData(20, 250)]
    [InlineData(20, 400)]
    [InlineData(100, 300)]
    public void Upload_RoundTripRisesFarAboveTheTimeout_FillsThePath(double beforeMilliseconds, double afterMilliseconds)
    {
        const double MessagesPerSecond = 9000;
        var most = Math.Min(MessagesPerSecond, CongestionWindow.MaxMessages / (2 * afterMilliseconds / 1000));
        var changed = Changed(Path(beforeMilliseconds, MessagesPerSecond), _ => Path(afterMilliseconds, MessagesPerSecond), seed: 1);

        Assert.True(changed >= 0.8 * most, $"{changed:F0} of {most:F0} messages/s");
    }

    private static double Changed(PathConditions before, Func<TimeSpan, PathConditions> after, int seed) =>
        SimulatedPath.Rate(at => at < ChangeAt ? before : after(at - ChangeAt), ChangeAt + Grace, ChangeAt + Grace + Watched, seed);

    private static PathConditions Path(double oneWayMilliseconds, double messagesPerSecond, int buffer = 100_000) =>
        new(TimeSpan.FromMilliseconds(oneWayMilliseconds), messagesPerSecond, buffer);
}
