using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery.Memory;

namespace RdsTunnel.Discovery;

/// <summary>Finds the jump hosts for a database, the best first. Thread-safe.</summary>
public interface IJumpHostFinder
{
    /// <exception cref="AwsException">Nothing at all could be listed: SSM refused. What only makes
    /// the ranking poorer is among the failures.</exception>
    Task<JumpHostList> FindAsync(
        AwsScope scope,
        DatabaseAddress database,
        string jumpHostTag,
        bool refresh,
        CancellationToken cancellationToken
    );
}

/// <summary>Where a tunnel is to end; what is not known is looked up by the host name.</summary>
/// <param name="Port">TCP port.</param>
/// <param name="VpcId">Looked up by the host when left out.</param>
/// <param name="SecurityGroupIds">Likewise.</param>
public sealed record DatabaseAddress(string Host, int Port, string? VpcId = null, IReadOnlyList<string>? SecurityGroupIds = null);

/// <param name="JumpHosts">The best first; unusable ones come last.</param>
/// <param name="Failures">What makes the ranking poorer.</param>
/// <param name="Recommended">The target that a tunnel may take by itself; left out when nothing is known to speak for any.</param>
/// <param name="Chosen">The target that was chosen by <c>jumpHost/choose</c>; it need not be among the jump hosts.</param>
/// <param name="Advice">When none is recommended: why, and what to do.</param>
/// <param name="Startable">When none is recommended: the stopped one that a tunnel with <c>startJumpHost</c> starts.</param>
public sealed record JumpHostList(
    IReadOnlyList<JumpHost> JumpHosts,
    IReadOnlyList<DiscoveryFailure> Failures,
    string? Recommended = null,
    string? Chosen = null,
    string? Advice = null,
    string? Startable = null
)
{
    /// <summary>Without what nobody misses: most identities may not look at ECS, and need not where
    /// another jump host is recommended.</summary>
    public JumpHostList ToShow() => Recommended is null ? this : this with { Failures = [.. Failures.Where(failure => !failure.IsOfEcs)] };

    /// <summary>The one that an earlier list speaks for, when AWS could not be asked everything now: it is still usable, and what is
    /// missing says nothing against it.</summary>
    public string? RecommendedBefore(JumpHostList earlier, JumpHostExperience experience) =>
        Failures.Any(failure => failure.IsPassing)
            ? JumpHostSelection.Recommend(
                [.. earlier.JumpHosts.Where(host => JumpHosts.Any(now => now.Target == host.Target && now.IsUsable))],
                experience
            )
            : null;

    /// <summary>Whether the next session gets one that has not failed lately.</summary>
    public bool HasAnother(JumpHostExperience experience) =>
        JumpHostSelection.Recommend(JumpHosts, experience) is { } next && !experience.HasFailed(next);
}

/// <param name="Target">For OpenTunnelParams.</param>
/// <param name="IsUsable">Nothing known about it or the network rules it out.</param>
/// <param name="IsSuitable">It is usable, and something that is known says that it leads to the
/// database: a tag, security groups, its VPC, experience.</param>
/// <param name="IsOnline">Its agent answers.</param>
/// <param name="Reasons">The weightiest first.</param>
/// <param name="Name">Its tag Name, else what the agent calls the machine.</param>
/// <param name="CanStart">It is stopped, and nothing else rules it out: a tunnel with
/// <c>startJumpHost</c> can start it; left out otherwise.</param>
public sealed record JumpHost(
    string Target,
    bool IsUsable,
    bool IsSuitable,
    bool IsOnline,
    IReadOnlyList<JumpHostReason> Reasons,
    IReadOnlyList<Tag> Tags,
    string? Name = null,
    string? AgentVersion = null,
    string? Platform = null,
    string? VpcId = null,
    string? PrivateIpAddress = null,
    bool? CanStart = null
);

/// <param name="Message">Shown to users: same VPC as the database.</param>
public sealed record JumpHostReason(JumpHostCriterion Criterion, Verdict Verdict, string Message)
{
    public static JumpHostReason ChosenByItsUser { get; } =
        new(JumpHostCriterion.Experience, Verdict.For, "you chose it for this database");
}

public enum JumpHostCriterion
{
    /// <summary>Its agent answers.</summary>
    Online,

    /// <summary>It can forward to other hosts.</summary>
    AgentVersion,

    /// <summary>Its VPC is the database's, or leads there.</summary>
    Network,

    /// <summary>They let it through to the database's port.</summary>
    SecurityGroups,

    /// <summary>The team chose it.</summary>
    Tag,

    /// <summary>It was chosen for the database, reached it before, or failed to in the last minutes.</summary>
    Experience,
}

public enum Verdict
{
    For,
    Against,

    /// <summary>It could not be told.</summary>
    Unknown,
}
