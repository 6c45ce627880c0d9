using System.Collections.Concurrent;
using RdsTunnel.Aws;
using RdsTunnel.Discovery;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>The jump host of a tunnel that names none: the one that its user has chosen for the
/// database, else the best one that there is evidence for.</summary>
internal sealed class BestJumpHost(IJumpHostFinder finder, JumpHostMemory memory) : ITargets
{
    // What was found last for each database that a tunnel leads to.
    private readonly ConcurrentDictionary<(AwsScope Scope, string Host, int Port), JumpHostList> _found = new();

    public event Action? Chosen
    {
        add => memory.Chosen += value;
        remove => memory.Chosen -= value;
    }

    /// <summary>Each member of a team takes another one of equals, and always the same one.</summary>
    public static string SpreadBy => $"{CurrentUser.Name}@{Environment.MachineName}";

    public async Task<SelectedTarget> SelectAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        var experience = memory.Recall(request.Scope, request.Host!, request.Port);
        if (experience.Chosen is { } chosen && !experience.FailedLately.Any(failed => failed.Target == chosen && !failed.HadSession))
        {
            // Whether jump hosts can be listed or not.
            return Selected(chosen, _found.GetValueOrDefault((request.Scope, request.Host!, request.Port)), isChosen: true);
        }

        var found = await finder
            .FindAsync(
                request.Scope,
                new DatabaseAddress(request.Host!, request.Port),
                request.JumpHostTag,
                refresh: false,
                cancellationToken
            )
            .ConfigureAwait(false);
        var key = (request.Scope, request.Host!, request.Port);
        if (
            found.Recommended is null
            && _found.GetValueOrDefault(key) is { } before
            && found.RecommendedBefore(before, experience) is { } still
        )
        {
            return Selected(still, before, isChosen: false);
        }

        _found[key] = found;
        return (found.Recommended ?? (request.StartJumpHost ? found.Startable : null)) is { } recommended
            ? Selected(recommended, found, isChosen: false)
            : throw (
                found.JumpHosts.Any(host => host.IsUsable)
                    ? new TunnelException(
                        TunnelErrorCode.JumpHostChoiceNeeded,
                        $"No jump host is known to reach {request.Host}:{request.Port}. {found.Advice}"
                    )
                    : new TunnelException(
                        TunnelErrorCode.NoJumpHost,
                        $"No jump host can reach {request.Host}. {found.Advice} If you know one, choose it (target)."
                    )
            );
    }

    private static SelectedTarget Selected(string target, JumpHostList? found, bool isChosen)
    {
        var host = found?.JumpHosts.FirstOrDefault(each => each.Target == target);
        var reasons = host?.Reasons.Where(reason => reason.Verdict == Verdict.For) ?? [];
        // What was found before the choice does not know of it.
        return new(
            target,
            host?.Name,
            [.. (isChosen ? reasons.Prepend(JumpHostReason.ChosenByItsUser) : reasons).Select(reason => reason.Message).Distinct()]
        );
    }

    public void OnReached(TunnelRequest request, string target) => memory.OnReached(request.Scope, request.Host!, request.Port, target);

    public FailedTargets OnFailed(TunnelRequest request, string target, TargetFailure failure)
    {
        var tried = memory.OnFailed(request.Scope, request.Host!, request.Port, target, hadSession: failure == TargetFailure.NoDatabase);
        var known = _found.GetValueOrDefault((request.Scope, request.Host!, request.Port));
        return new(
            [.. tried.Select(failed => failed.Target)],
            known?.HasAnother(memory.Recall(request.Scope, request.Host!, request.Port)) ?? false
        );
    }
}
