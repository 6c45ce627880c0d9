using System.Runtime.CompilerServices;
using RdsTunnel.Diagnosis;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc.Tests;

/// <summary>Finds that all is well but the certificate.</summary>
internal sealed class FakeCheck : ITunnelCheck
{
    public CheckMethods Methods() => new(this);

    public async IAsyncEnumerable<CheckStep> RunAsync(TunnelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        yield return new CheckStep(CheckStepName.Connection, CheckOutcome.Passed, $"{request.Host} answers.");
        yield return new CheckStep(CheckStepName.Certificate, CheckOutcome.Failed, "It has expired.", "Rotate it.");
    }
}
