using RdsTunnel.Diagnosis;

namespace RdsTunnel.Rpc;

/// <summary>tunnel/check.</summary>
public sealed class CheckMethods(ITunnelCheck check, JsonRpcConnection connection)
{
    private static readonly int MaxWaiting = Enum.GetValues<CheckStepName>().Length;

    internal void AddTo(IRpcMethods methods) => methods.AddAside(RpcMethods.CheckTunnel, CheckAsync);

    private async Task<CheckTunnelResult> CheckAsync(CheckTunnelParams parameters, CancellationToken cancellationToken)
    {
        var steps = new List<CheckStep>();
        await foreach (var step in check.RunAsync(parameters.Tunnel.ToRequest(), cancellationToken).ConfigureAwait(false))
        {
            steps.Add(step);
            if (parameters.Token is { } token)
            {
                connection.Notify($"check {token}", MaxWaiting, ServerNotifications.CheckStep, new(token, step));
            }
        }

        return new CheckTunnelResult(steps);
    }
}
