namespace RdsTunnel.Discovery;

/// <summary>What to do when no jump host fits.</summary>
internal static class JumpHostAdvice
{
    public static string For(IReadOnlyList<JumpHost> hosts, DatabaseNetwork database)
    {
        if (hosts.Count == 0)
        {
            return "Systems Manager manages no instance in this region and account, or shows this identity none. An instance in the database's VPC"
                + (database.VpcId is { } vpc ? $" ({vpc})" : "") + " with the SSM agent and the policy AmazonSSMManagedInstanceCore in its role is enough.";
        }

        var nearest = hosts[0];
        return $"The nearest is {nearest.Name ?? nearest.Target}, but "
            + string.Join("; and ", nearest.Reasons.Where(reason => reason.Verdict == Verdict.Against).Select(reason => reason.Message)) + ".";
    }
}
