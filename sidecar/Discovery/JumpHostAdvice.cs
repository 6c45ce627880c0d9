using RdsTunnel.Aws;

namespace RdsTunnel.Discovery;

/// <summary>What to do when no jump host may be taken without asking.</summary>
public static class JumpHostAdvice
{
    /// <summary>Candidates that a sentence names; a list shows all.</summary>
    private const int MaxNamed = 5;

    internal static string For(
        IReadOnlyList<JumpHost> hosts,
        DatabaseNetwork database,
        bool isListed,
        IReadOnlyList<DiscoveryFailure> failures
    )
    {
        if (hosts.Count == 0)
        {
            return "No managed instances, and no ECS tasks with ECS Exec, found in this account and region. You need an instance in the database's VPC"
                + (database.VpcId is { } vpc ? $" ({vpc})" : "")
                + " with the SSM agent and a role with the policy AmazonSSMManagedInstanceCore.";
        }

        return hosts.FirstOrDefault(host => host.CanStart == true) is { } stopped && !hosts.Any(host => host.IsUsable)
                ? $"{NameOf(stopped)} is stopped. Start it, or let the tunnel start it when it is needed (startJumpHost)."
            : hosts.Any(host => host.IsUsable) ? Choose([.. hosts.Where(host => host.IsUsable)], isListed, failures)
            : NoneIsUsable(hosts[0]);
    }

    /// <summary>jump-a (i-0a)</summary>
    public static string NameOf(JumpHost host) =>
        host.Name is null || host.Name == host.Target ? host.Target : $"{host.Name} ({host.Target})";

    private static string Choose(IReadOnlyList<JumpHost> candidates, bool isListed, IReadOnlyList<DiscoveryFailure> failures)
    {
        var denied = failures
            .Where(failure => failure.Code == AwsErrorCode.AccessDenied)
            .Select(failure => failure.Action)
            .Distinct()
            .ToList();
        var why =
            denied.Count > 0 ? $"These permissions would help: {string.Join(", ", denied)}. "
            : isListed ? ""
            : "AWS lists no database with this name here. ";
        var named = candidates.Take(MaxNamed).Select(NameOf).ToList();
        var more = candidates.Count - named.Count;
        return $"{why}Choose one (target): {string.Join(", ", named)}{(more > 0 ? $" or one of {more} more" : "")}.";
    }

    private static string NoneIsUsable(JumpHost nearest) =>
        $"The closest match is {NameOf(nearest)}: "
        + string.Join("; and ", nearest.Reasons.Where(reason => reason.Verdict == Verdict.Against).Select(reason => reason.Message))
        + ".";
}
