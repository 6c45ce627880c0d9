using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Emulator.Ec2;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Tests;

/// <summary>Instances start and stop in their own time, and refuse what EC2 refuses in between.</summary>
public sealed class InstancePowersTests
{
    private const string Region = "eu-central-1";

    private static readonly EmulatedInstance Instance = new("i-1") { IsStopped = true, IsManaged = false };

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _stopping = [];
    private readonly InstancePowers _powers;

    public InstancePowersTests() => _powers = new InstancePowers([Instance], _time, _stopping.Add);

    [Fact]
    public void Start_Stopped_IsPendingThenRunsAndItsAgentComesLater()
    {
        Assert.False(_powers.IsListed(Instance));
        Assert.Equal([("i-1", InstancePower.Stopped, InstancePower.Pending)], _powers.Start(["i-1"], Region));
        Assert.Equal(_time.GetUtcNow(), _powers.LaunchTimeOf(Instance));
        _time.Advance(TimeSpan.FromSeconds(Instance.PendingSeconds));
        Assert.Equal((InstancePower.Running, false), (_powers.StateOf(Instance), _powers.IsOnline(Instance)));
        _time.Advance(TimeSpan.FromSeconds(Instance.AgentSeconds));
        Assert.True(_powers.IsOnline(Instance));
        Assert.True(_powers.IsListed(Instance));
        Assert.Equal([("i-1", InstancePower.Running, InstancePower.Running)], _powers.Start(["i-1"], Region));
        Assert.True(_powers.IsOnline(Instance)); // no second start
    }

    [Fact]
    public void Stop_Running_EndsItsSessionsAndIsStoppingForAWhile()
    {
        _powers.Start(["i-1"], Region);
        Assert.Equal("IncorrectInstanceState", Refused(() => _powers.Stop(["i-1"], Region)));
        _time.Advance(TimeSpan.FromSeconds(Instance.PendingSeconds));
        Assert.Equal([("i-1", InstancePower.Running, InstancePower.Stopping)], _powers.Stop(["i-1"], Region));
        Assert.Equal(["i-1"], _stopping);
        Assert.Equal("IncorrectInstanceState", Refused(() => _powers.Start(["i-1"], Region)));
        _time.Advance(TimeSpan.FromSeconds(Instance.StoppingSeconds));
        Assert.Equal(InstancePower.Stopped, _powers.StateOf(Instance));
    }

    [Theory]
    [InlineData("i-2", Region, "InvalidInstanceID.NotFound")]
    [InlineData("i-1", "eu-west-1", "InvalidInstanceID.NotFound")]
    [InlineData("mi-1", Region, "InvalidInstanceID.Malformed")]
    public void Start_NoSuchInstance_IsRefused(string id, string region, string code) =>
        Assert.Equal(
            code,
            Refused(() => new InstancePowers([Instance with { Region = Region }], _time, _stopping.Add).Start([id], region))
        );

    [Theory]
    [InlineData("aws:x", "")]
    [InlineData("", "x")]
    public void Tag_ReservedOrEmptyKey_IsRefused(string key, string value)
    {
        Assert.Equal("InvalidParameterValue", Refused(() => _powers.Tag(["i-1"], [(key, value)], Region)));
        Assert.Equal("InvalidParameterValue", Refused(() => _powers.Tag(["i-1"], [("key", new string('x', 256))], Region)));
    }

    [Fact]
    public void Tag_MoreThanFifty_IsRefusedAndChangesNothing()
    {
        _powers.Tag(["i-1"], [.. Enumerable.Range(0, 50).Select(i => ($"key{i}", ""))], Region);
        Assert.Equal("TagLimitExceeded", Refused(() => _powers.Tag(["i-1"], [("one more", "")], Region)));
        _powers.Tag(["i-1"], [("key0", "changed")], Region);
        Assert.Equal((50, "changed"), (_powers.TagsOf(Instance).Count, _powers.TagsOf(Instance)["key0"]));
    }

    private static string Refused(Action call) => Assert.Throws<ServiceException>(call).Code;
}
