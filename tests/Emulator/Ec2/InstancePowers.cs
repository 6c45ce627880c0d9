using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Ec2;

/// <summary>Which instances run. Starting and stopping take their time by the emulator's clock, as in
/// <see cref="EmulatedInstance"/>. Thread-safe.</summary>
/// <param name="onStopping">Told which instance's sessions are over.</param>
internal sealed class InstancePowers(IReadOnlyList<EmulatedInstance> instances, TimeProvider time, Action<string> onStopping)
{
    private const int MaxTags = 50;
    private const int MaxKeyLength = 127;
    private const int MaxValueLength = 255;

    private readonly Lock _gate = new();

    // Guarded by _gate: what differs from how the world began.
    private readonly Dictionary<string, (bool Runs, DateTimeOffset Since)> _switched = [];
    private readonly Dictionary<string, Dictionary<string, string>> _tags = [];

    public InstancePower StateOf(EmulatedInstance instance)
    {
        lock (_gate)
        {
            return !_switched.TryGetValue(instance.InstanceId, out var last)
                ? instance.IsStopped
                    ? InstancePower.Stopped
                    : InstancePower.Running
                : last.Runs
                    ? (time.GetUtcNow() < last.Since.AddSeconds(instance.PendingSeconds) ? InstancePower.Pending : InstancePower.Running)
                    : time.GetUtcNow() < last.Since.AddSeconds(instance.StoppingSeconds)
                        ? InstancePower.Stopping
                        : InstancePower.Stopped;
        }
    }

    /// <summary>Its agent answers: some time after it runs, and not while the world says that it is away.</summary>
    public bool IsOnline(EmulatedInstance instance)
    {
        lock (_gate)
        {
            return instance.IsOnline
                && StateOf(instance) == InstancePower.Running
                && (
                    !_switched.TryGetValue(instance.InstanceId, out var last)
                    || time.GetUtcNow() >= last.Since.AddSeconds(instance.PendingSeconds + instance.AgentSeconds)
                );
        }
    }

    /// <summary>Systems Manager lists what has had an agent there once.</summary>
    public bool IsListed(EmulatedInstance instance) => instance.IsManaged || IsOnline(instance);

    public DateTimeOffset LaunchTimeOf(EmulatedInstance instance)
    {
        lock (_gate)
        {
            return _switched.TryGetValue(instance.InstanceId, out var last) && last.Runs
                ? last.Since
                : new DateTimeOffset(2025, 11, 24, 16, 0, 0, TimeSpan.Zero);
        }
    }

    public IReadOnlyDictionary<string, string> TagsOf(EmulatedInstance instance)
    {
        lock (_gate)
        {
            return _tags.TryGetValue(instance.InstanceId, out var tags) ? new Dictionary<string, string>(tags) : instance.Tags;
        }
    }

    /// <returns>What each one was, and is now.</returns>
    public IReadOnlyList<(string InstanceId, InstancePower Before, InstancePower Now)> Start(IReadOnlyList<string> ids, string region) =>
        Switch(ids, region, runs: true, refusedIn: InstancePower.Stopping, "started");

    /// <inheritdoc cref="Start"/>
    public IReadOnlyList<(string InstanceId, InstancePower Before, InstancePower Now)> Stop(IReadOnlyList<string> ids, string region)
    {
        var changes = Switch(ids, region, runs: false, refusedIn: InstancePower.Pending, "stopped");
        foreach (var (id, before, _) in changes)
        {
            if (before == InstancePower.Running)
            {
                onStopping(id);
            }
        }

        return changes;
    }

    public void Tag(IReadOnlyList<string> ids, IReadOnlyList<(string Key, string Value)> tags, string region)
    {
        foreach (var (key, value) in tags)
        {
            if (key.Length is 0 or > MaxKeyLength || key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
            {
                throw new ServiceException("InvalidParameterValue", $"Tag key '{key}' is too long, empty or reserved for internal use");
            }

            if (value.Length > MaxValueLength)
            {
                throw new ServiceException("InvalidParameterValue", $"Tag value exceeds the maximum length of {MaxValueLength} characters");
            }
        }

        lock (_gate)
        {
            foreach (var instance in Find(ids, region))
            {
                var all = new Dictionary<string, string>(TagsOf(instance));
                foreach (var (key, value) in tags)
                {
                    all[key] = value;
                }

                _tags[instance.InstanceId] =
                    all.Count <= MaxTags
                        ? all
                        : throw new ServiceException("TagLimitExceeded", $"More than {MaxTags} tags exist for {instance.InstanceId}");
            }
        }
    }

    // All or none of them, as EC2 does it.
    private (string InstanceId, InstancePower Before, InstancePower Now)[] Switch(
        IReadOnlyList<string> ids,
        string region,
        bool runs,
        InstancePower refusedIn,
        string verb
    )
    {
        lock (_gate)
        {
            var found = Find(ids, region);
            if (found.Find(each => StateOf(each) == refusedIn) is { } refused)
            {
                throw new ServiceException(
                    "IncorrectInstanceState",
                    $"The instance '{refused.InstanceId}' is not in a state from which it can be {verb}."
                );
            }

            return
            [
                .. found.Select(each =>
                {
                    var before = StateOf(each);
                    if (before is InstancePower.Running or InstancePower.Pending != runs)
                    {
                        _switched[each.InstanceId] = (runs, time.GetUtcNow());
                    }

                    return (each.InstanceId, before, StateOf(each));
                }),
            ];
        }
    }

    private List<EmulatedInstance> Find(IReadOnlyList<string> ids, string region) =>
        ids.Count == 0
            ? throw new ServiceException("MissingParameter", "The request must contain the parameter InstanceId")
            :
            [
                .. ids.Select(id =>
                    !id.StartsWith("i-", StringComparison.Ordinal)
                        ? throw new ServiceException("InvalidInstanceID.Malformed", $"Invalid id: \"{id}\" (expecting \"i-...\")")
                        : instances.FirstOrDefault(each =>
                            each.InstanceId == id && each.Task is null && each.VpcId is not null && each.IsIn(region)
                        ) ?? throw new ServiceException("InvalidInstanceID.NotFound", $"The instance ID '{id}' does not exist")
                ),
            ];
}
