using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery.Memory;

/// <summary>Which jump host leads to a database: chosen by a person, or found by trying. Thread-safe.</summary>
/// <remarks>Kept in a file that editor windows and command lines share, and in this process too,
/// for where that file cannot be written. What has failed
/// is only remembered here, and only for minutes.</remarks>
/// <param name="file">Null to keep nothing.</param>
public sealed class JumpHostMemory(IInventories inventories, string? file, TimeProvider time, ILogger<JumpHostMemory> logger)
{
    /// <summary>Long enough that a tool's retries do not go back to it, short enough that one that was mended is used again.</summary>
    public static readonly TimeSpan AvoidedFor = TimeSpan.FromMinutes(5);

    /// <summary>Databases whose failures are kept; the oldest go.</summary>
    private const int MaxFailing = 200;

    private readonly JumpHostFile _file = new(file, time, logger);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<DatabaseKey, JumpHostEntry> _own = [];
    private readonly Dictionary<DatabaseKey, List<FailedJumpHost>> _failed = [];

    /// <summary>A person has chosen a jump host, or taken a choice back.</summary>
    public event Action? Chosen;

    public JumpHostExperience Recall(AwsScope scope, string host, int port)
    {
        var key = KeyOf(scope, host, port);
        lock (_gate)
        {
            return new JumpHostExperience(
                Find(key) is { Target: { } target } entry ? new RememberedJumpHost(target, entry.IsChosen) : null,
                [.. FailedLately(key)]
            );
        }
    }

    /// <param name="target">Null to select one automatically again.</param>
    public void Choose(AwsScope scope, string host, int port, string? target)
    {
        var key = KeyOf(scope, host, port);
        lock (_gate)
        {
            _failed.Remove(key);
            Remember(new JumpHostEntry(key, target, IsChosen: true, time.GetUtcNow()));
        }

        Chosen?.Invoke();
    }

    /// <summary>The database has answered through it. Worth remembering when another one did not
    /// lead there: the ranking would come back to that.</summary>
    public void OnReached(AwsScope scope, string host, int port, string target)
    {
        var key = KeyOf(scope, host, port);
        lock (_gate)
        {
            if (
                FailedLately(key).Any(failed => failed.Target != target)
                && Find(key) is var before
                && before?.Target != target
                && before is not { IsChosen: true, Target: not null }
            )
            {
                Remember(new JumpHostEntry(key, target, IsChosen: false, time.GetUtcNow()));
            }

            if (_failed.TryGetValue(key, out var failures))
            {
                failures.RemoveAll(failed => failed.Target == target);
            }
        }
    }

    /// <param name="hadSession">A session could be opened, but the database was not reached.</param>
    /// <returns>All that have failed lately, in order.</returns>
    public IReadOnlyList<FailedJumpHost> OnFailed(AwsScope scope, string host, int port, string target, bool hadSession)
    {
        var key = KeyOf(scope, host, port);
        lock (_gate)
        {
            if (!_failed.TryGetValue(key, out var failures))
            {
                if (_failed.Count >= MaxFailing)
                {
                    _failed.Remove(_failed.MinBy(each => each.Value.Select(failed => failed.At).LastOrDefault()).Key);
                }

                _failed[key] = failures = [];
            }

            failures.RemoveAll(failed => failed.Target == target);
            failures.Add(new FailedJumpHost(target, time.GetUtcNow(), hadSession));
            return [.. FailedLately(key)];
        }
    }

    // Under _gate.
    private JumpHostEntry? Find(DatabaseKey key)
    {
        var shared = _file.Read().FirstOrDefault(entry => entry.Key == key);
        return _own.TryGetValue(key, out var own) && (shared is null || own.At >= shared.At) ? own : shared;
    }

    // Under _gate.
    private void Remember(JumpHostEntry entry)
    {
        _own[entry.Key] = entry;
        _file.Write(entry);
    }

    // Under _gate.
    private IEnumerable<FailedJumpHost> FailedLately(DatabaseKey key) =>
        _failed.GetValueOrDefault(key, []).Where(failed => time.GetUtcNow() - failed.At < AvoidedFor);

    private DatabaseKey KeyOf(AwsScope scope, string host, int port)
    {
        string region;
        try
        {
            region = inventories.InventoryOf(scope).Region;
        }
        catch (AwsException)
        {
            region = scope.Region ?? ""; // nothing can be opened there now, but a choice can be made
        }

        return new DatabaseKey(scope.Profile ?? "", region, HostName.Normalize(host), port);
    }
}
