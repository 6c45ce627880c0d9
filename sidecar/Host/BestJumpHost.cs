using RdsTunnel.Discovery;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>The jump host of a tunnel that names none is the best one there is when a session is opened.</summary>
internal sealed class BestJumpHost(IJumpHostFinder finder) : ITargets
{
    /// <summary>Each member of a team takes another one of equals, and always the same one.</summary>
    public static string SpreadBy => $"{Environment.UserName}@{Environment.MachineName}";

    public async Task<string> ChooseAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        var found = await finder.FindAsync(
            request.Scope, new DatabaseAddress(request.Host!, request.Port), request.JumpHostTag, refresh: false, cancellationToken).ConfigureAwait(false);
        return found.Recommended ?? throw new TunnelException(
            TunnelErrorCode.NoJumpHost, $"No jump host leads to {request.Host}. {found.Advice} A jump host that you know of can be named (target).");
    }
}
