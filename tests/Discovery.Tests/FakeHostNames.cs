using System.Net;
using RdsTunnel.Aws;
using RdsTunnel.Discovery.Names;

namespace RdsTunnel.Discovery.Tests;

/// <summary>DNS as a test wants it.</summary>
internal sealed class FakeHostNames : IHostNames
{
    public Dictionary<string, ResolvedHost> Known { get; } = [];

    public void Add(string name, IReadOnlyList<string> aliases, params string[] addresses) =>
        Known.Add(name, new ResolvedHost([name, .. aliases], [.. addresses.Select(IPAddress.Parse)]));

    public Task<ResolvedHost> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var name = HostName.Normalize(host);
        return Task.FromResult(
            Known.GetValueOrDefault(name) ?? new ResolvedHost([name], IPAddress.TryParse(name, out var address) ? [address] : [])
        );
    }
}
