namespace RdsTunnel.Tunnels.Tests.Support;

/// <summary>Chooses what it is told to choose.</summary>
internal sealed class FakeTargets(params string[] choices) : ITargets
{
    private int _asked;

    public Task<string> ChooseAsync(TunnelRequest request, CancellationToken cancellationToken) => _asked < choices.Length
        ? Task.FromResult(choices[_asked++])
        : throw new TunnelException(TunnelErrorCode.NoJumpHost, "No jump host fits.");
}
