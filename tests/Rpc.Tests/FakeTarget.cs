namespace RdsTunnel.Rpc.Tests;

/// <summary>Methods that a test writes as it needs them: without parameters, and <c>named</c>, which has some.</summary>
internal sealed class FakeTarget(Func<string, CancellationToken, Task> invoke) : IRpcTarget
{
    private static readonly string[] Names = ["ok", "wait", "m", "echo", "slow", "quick"];

    /// <summary>What <c>named</c> got.</summary>
    public List<TunnelParams> Params { get; } = [];

    public void AddMethods(IRpcMethods methods)
    {
        foreach (var name in Names)
        {
            methods.Add(new RpcMethod<Nothing, Nothing>(name), (_, cancellationToken) => invoke(name, cancellationToken));
        }

        methods.Add(
            new RpcMethod<TunnelParams, Nothing>("named"),
            (parameters, _) =>
            {
                Params.Add(parameters);
                return Task.CompletedTask;
            }
        );
    }

    public RpcException? Refuse(string method) => null;
}
