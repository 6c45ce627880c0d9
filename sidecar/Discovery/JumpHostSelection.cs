using RdsTunnel.Discovery.Memory;

namespace RdsTunnel.Discovery;

/// <summary>Which jump host a tunnel takes by itself.</summary>
internal static class JumpHostSelection
{
    /// <summary>After so many that did not lead there within minutes, it is rather the database
    /// that is down: no others are tried.</summary>
    private const int MaxTried = 3;

    /// <param name="ranked">The best first.</param>
    /// <returns>Null when nothing is known to speak for any.</returns>
    public static string? Recommend(IReadOnlyList<JumpHost> ranked, JumpHostExperience experience)
    {
        // What a person has chosen is never replaced while it is there. One that is not listed (a
        // task, say) is taken at its word until it fails.
        if (
            experience.Chosen is { } chosen
            && (ranked.FirstOrDefault(host => host.Target == chosen)?.IsOnline ?? !experience.HasFailed(chosen))
        )
        {
            return chosen;
        }

        var suitable = ranked.Where(host => host.IsSuitable).Select(host => host.Target).ToList();
        return (experience.FailedLately.Count < MaxTried ? suitable.Find(target => !experience.HasFailed(target)) : null)
            ?? suitable.FirstOrDefault();
    }

    /// <summary>The stopped one that a tunnel may start by itself. Its network alone is not enough: a
    /// machine that somebody has stopped costs money again, and does whatever else it does.</summary>
    public static string? RecommendStopped(IReadOnlyList<JumpHost> ranked, JumpHostExperience experience) =>
        ranked
            .FirstOrDefault(host =>
                host.CanStart == true
                && !experience.HasFailed(host.Target)
                && host.Reasons.Any(reason =>
                    reason.Verdict == Verdict.For
                    && reason.Criterion is JumpHostCriterion.Tag or JumpHostCriterion.SecurityGroups or JumpHostCriterion.Experience
                )
            )
            ?.Target;
}
