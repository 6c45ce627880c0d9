using System.Text.Json;

namespace RdsTunnel.Rpc.Tests;

/// <summary>Methods that a test writes as it needs them.</summary>
internal sealed class FakeTarget(Func<string, JsonElement?, CancellationToken, Task<RpcResult>> invoke) : IRpcTarget
{
    public List<string> Notifications { get; } = [];

    public Task<RpcResult> InvokeAsync(string method, JsonElement? parameters, CancellationToken cancellationToken) =>
        invoke(method, parameters, cancellationToken);

    public bool Notify(string method, JsonElement? parameters)
    {
        Notifications.Add(method);
        return method != "exit";
    }
}
