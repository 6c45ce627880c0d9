using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery.Memory;

namespace RdsTunnel.Discovery;

/// <summary>Finds the jump hosts for a database, the best first. Thread-safe.</summary>
public interface IJumpHostFinder
{
    /// <exception cref="AwsException">Nothing at all could be listed: SSM refused. What only makes the ranking poorer is among the failures.</exception>
    Task<JumpHostList> FindAsync(AwsScope scope, DatabaseAddress database, string jumpHostTag, bool refresh, CancellationToken cancellationToken);
}

/// <summary>Where a tunnel is to end; what is not known is looked up by the host name.</summary>
public sealed record DatabaseAddress(string Host, int Port, string? VpcId = null, IReadOnlyList<string>? SecurityGroupIds = null);

/// <param name="JumpHosts">The best first; those that cannot be used come last.</param>
/// <param name="Recommended">The target that a tunnel may take by itself; left out when nothing is known to speak for any.</param>
/// <param name="Chosen">The target that a person has chosen for this database; it need not be among the jump hosts.</param>
/// <param name="Advice">When none is recommended: why, and what to do.</param>
public sealed record JumpHostList(
    IReadOnlyList<JumpHost> JumpHosts, IReadOnlyList<DiscoveryFailure> Failures, string? Recommended = null, string? Chosen = null, string? Advice = null)
{
    /// <summary>Whether the next session gets one that has not failed lately.</summary>
    public bool HasAnother(JumpHostExperience experience) => JumpHostSelection.Recommend(JumpHosts, experience) is { } next && !experience.HasFailed(next);
}

/// <param name="Target">What StartSession takes.</param>
/// <param name="IsUsable">Nothing known about it or the network rules it out.</param>
/// <param name="IsSuitable">It is usable, and something that is known says that it leads to the database: a tag, security groups, its VPC, experience.
/// That its agent is online says nothing of the kind.</param>
/// <param name="Reasons">What speaks for it and against it, the weightiest first.</param>
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
    string? PrivateIpAddress = null);

/// <param name="Message">For people: <c>same VPC as the database</c>.</param>
public sealed record JumpHostReason(JumpHostCriterion Criterion, Verdict Verdict, string Message);

public enum JumpHostCriterion
{
    Online,
    AgentVersion,
    Network,
    SecurityGroups,
    Tag,
    Experience,
}

public enum Verdict
{
    For,
    Against,
    Unknown,
}
