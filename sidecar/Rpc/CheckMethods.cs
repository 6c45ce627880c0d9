using RdsTunnel.Diagnosis;

namespace RdsTunnel.Rpc;

/// <summary>tunnel/check.</summary>
public sealed class CheckMethods(ITunnelCheck check)
{
    private static readonly int MaxWaiting = Enum.GetValues<CheckStepName>().Length;

    internal void AddTo(IRpcMethods methods) => methods.AddAside(RpcMethods.CheckTunnel, MaxWaiting, CheckAsync);

    private async Task<CheckTunnelResult> CheckAsync(
        CheckTunnelParams parameters,
        IProgress<CheckStep> progress,
        CancellationToken cancellationToken
    )
    {
        var steps = new List<CheckStep>();
        await foreach (var step in check.RunAsync(parameters.Tunnel.ToRequest(), cancellationToken).ConfigureAwait(false))
        {
            steps.Add(step);
            progress.Report(step);
        }

        return new CheckTunnelResult(steps);
    }
}
