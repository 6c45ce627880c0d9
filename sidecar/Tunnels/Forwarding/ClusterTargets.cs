namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Jump hosts for the nodes of a cluster: those of the tunnel that they belong to.</summary>
internal sealed class ClusterTargets(ITargets targets, TunnelRequest cluster) : ITargets
{
    public event Action? Chosen
    {
        add => targets.Chosen += value;
        remove => targets.Chosen -= value;
    }

    public Task<SelectedTarget> SelectAsync(TunnelRequest request, CancellationToken cancellationToken) =>
        targets.SelectAsync(cluster, cancellationToken);

    public void OnReached(TunnelRequest request, string target) => targets.OnReached(cluster, target);

    /// <summary>A node that does not answer says nothing of the jump host: after a failover, one is down.</summary>
    public FailedTargets OnFailed(TunnelRequest request, string target, TargetFailure failure) =>
        failure == TargetFailure.NoDatabase ? new FailedTargets([target], HasOther: false) : targets.OnFailed(cluster, target, failure);
}
