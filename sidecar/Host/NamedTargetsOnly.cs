using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>Finding jump hosts is not wired in yet: a tunnel without a target says so.</summary>
internal sealed class NamedTargetsOnly : ITargets
{
    public Task<string> ChooseAsync(TunnelRequest request, CancellationToken cancellationToken) =>
        throw new TunnelException(TunnelErrorCode.NoJumpHost, "No jump host is named for this tunnel. Name one (target).");
}
