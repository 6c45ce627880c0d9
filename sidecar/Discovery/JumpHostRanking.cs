using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery.Memory;

namespace RdsTunnel.Discovery;

/// <summary>Judges a managed instance as the way to a database.</summary>
internal static class JumpHostRanking
{
    /// <summary>The first agent with the document for remote hosts, as AWS's documentation of Session Manager says.</summary>
    private static readonly Version ForwardsToHostsSince = new(3, 1, 1374, 0);

    public static JumpHost Judge(ManagedNode node, DatabaseNetwork database, string jumpHostTag, JumpHostExperience experience)
    {
        JumpHostReason[] reasons =
        [
            Online(node),
            .. Agent(node),
            Network(node, database),
            JumpHostAccess.Judge(node, database),
            .. Tagged(node, jumpHostTag),
            .. Experienced(node, experience),
        ];
        // What failed a moment ago may work by now: that only counts against one while another is left.
        var isUsable = Array.TrueForAll(
            reasons,
            reason => reason.Verdict != Verdict.Against || reason.Criterion == JumpHostCriterion.Experience
        );
        return new JumpHost(
            node.Target,
            isUsable,
            IsSuitable: isUsable && Array.Exists(reasons, reason => SpeaksForIt(reason, node, database)),
            node.IsOnline,
            [.. reasons.OrderBy(reason => reason.Verdict == Verdict.Against ? 0 : 1)],
            node.Instance?.Tags ?? node.Tags,
            (node.IsTask ? null : node.Instance?.Tags.FirstOrDefault(tag => tag.Key == "Name")?.Value) ?? node.Name,
            node.AgentVersion,
            node.Platform,
            node.Instance?.VpcId,
            node.Instance?.PrivateIpAddress ?? node.IPAddress,
            IsStopped(node)
            && Array.TrueForAll(
                reasons,
                reason => reason.Verdict != Verdict.Against || reason.Criterion is JumpHostCriterion.Experience or JumpHostCriterion.Online
            )
                ? true
                : null
        );
    }

    /// <summary>The higher the better: usable before not, what has proved itself, the team's
    /// choice, then what is known to lead there.</summary>
    public static int Score(JumpHost host, DatabaseNetwork database) =>
        (host.IsUsable ? 10_000 : 0)
        + (host.CanStart == true ? 5000 : 0)
        + (host.IsSuitable ? 1000 : 0)
        + (IsIn(host.VpcId, database) ? 5 : 0)
        + host.Reasons.Sum(reason =>
            (reason.Verdict, reason.Criterion) switch
            {
                (Verdict.For, JumpHostCriterion.Experience) => 500,
                (Verdict.Against, JumpHostCriterion.Experience) => 0,
                (Verdict.For, JumpHostCriterion.Tag) => 100,
                (Verdict.For, JumpHostCriterion.SecurityGroups) => 20,
                (Verdict.For, _) => 10,
                (Verdict.Against, _) => -50,
                _ => 0,
            }
        );

    // A peered VPC alone does not: nobody knows whether routes lead through it, and whom the security groups allow.
    private static bool SpeaksForIt(JumpHostReason reason, ManagedNode node, DatabaseNetwork database) =>
        reason.Verdict == Verdict.For
        && reason.Criterion switch
        {
            JumpHostCriterion.Tag or JumpHostCriterion.SecurityGroups or JumpHostCriterion.Experience => true,
            JumpHostCriterion.Network => IsIn(node.Instance?.VpcId, database),
            _ => false,
        };

    private static bool IsStopped(ManagedNode node) => !node.IsOnline && node.Instance is { IsStopped: true };

    private static bool IsIn(string? vpcId, DatabaseNetwork database) => vpcId is not null && vpcId == database.VpcId;

    private static JumpHostReason Online(ManagedNode node) =>
        (node.IsTask, node.IsOnline) switch
        {
            (false, true) => new(JumpHostCriterion.Online, Verdict.For, "agent online"),
            (false, false) when IsStopped(node) => new(JumpHostCriterion.Online, Verdict.Against, "stopped: starts in about 40 s"),
            (false, false) => new(
                JumpHostCriterion.Online,
                Verdict.Against,
                "agent offline: the instance is stopped or can't reach Systems Manager"
            ),
            (true, true) => new(JumpHostCriterion.Online, Verdict.For, "ECS Exec is running"),
            (true, false) => new(
                JumpHostCriterion.Online,
                Verdict.Against,
                "ECS Exec isn't running in any task: one is starting, or its task role doesn't allow it"
            ),
        };

    // ECS brings an agent of its own, new enough, and does not tell which.
    private static IEnumerable<JumpHostReason> Agent(ManagedNode node) =>
        node.IsTask ? []
        : !node.IsManaged ? [new(JumpHostCriterion.AgentVersion, Verdict.Unknown, "Systems Manager hasn't seen an agent on it lately")]
        : !Version.TryParse(node.AgentVersion, out var version)
            ? [new(JumpHostCriterion.AgentVersion, Verdict.Unknown, "agent version unknown")]
        : version >= ForwardsToHostsSince ? [new(JumpHostCriterion.AgentVersion, Verdict.For, $"agent {version}")]
        : [new(JumpHostCriterion.AgentVersion, Verdict.Against, $"agent {version} is too old, needs {ForwardsToHostsSince}")];

    // Another VPC may be connected by other means than peering, a transit gateway say. Routes are not looked at.
    private static JumpHostReason Network(ManagedNode node, DatabaseNetwork database) =>
        (node.Instance?.VpcId, database.VpcId) switch
        {
            (null, _) => new(JumpHostCriterion.Network, Verdict.Unknown, "VPC unknown"),
            (_, null) => new(JumpHostCriterion.Network, Verdict.Unknown, "database VPC unknown"),
            var (mine, theirs) when mine == theirs => new(
                JumpHostCriterion.Network,
                Verdict.For,
                database.FoundBy is { } address ? $"same VPC: {address} is an address of {mine}" : "same VPC"
            ),
            var (mine, theirs) when database.PeeredVpcIds.Contains(mine) => new(
                JumpHostCriterion.Network,
                Verdict.For,
                $"VPC {mine} is peered with the database's VPC {theirs}"
            ),
            var (mine, theirs) => new(
                JumpHostCriterion.Network,
                Verdict.Unknown,
                $"VPC {mine} is not peered with the database's VPC {theirs}"
            ),
        };

    private static IEnumerable<JumpHostReason> Tagged(ManagedNode node, string tag) =>
        (node.Instance?.Tags ?? node.Tags).Any(each => each.Key == tag)
            ? [new(JumpHostCriterion.Tag, Verdict.For, $"your team's jump host (tag {tag})")]
            : [];

    private static IEnumerable<JumpHostReason> Experienced(ManagedNode node, JumpHostExperience experience)
    {
        if (experience.Remembered is { } remembered && remembered.Target == node.Target)
        {
            yield return remembered.IsChosen
                ? JumpHostReason.ChosenByItsUser
                : new(JumpHostCriterion.Experience, Verdict.For, "reached this database before");
        }

        if (experience.FailedLately.FirstOrDefault(failed => failed.Target == node.Target) is { } failure)
        {
            yield return new(
                JumpHostCriterion.Experience,
                Verdict.Against,
                failure.HadSession
                    ? $"couldn't reach this database at {failure.At.ToLocalTime():HH:mm}"
                    : $"couldn't start a session at {failure.At.ToLocalTime():HH:mm}"
            );
        }
    }
}
