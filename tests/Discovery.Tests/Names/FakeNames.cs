using System.Net;
using RdsTunnel.Aws;
using RdsTunnel.Discovery.Names;

namespace RdsTunnel.Discovery.Tests.Names;

/// <summary>One chain of aliases, whatever is asked for.</summary>
internal sealed class FakeNames(string[] aliases) : IHostNames
{
    public Task<ResolvedHost> ResolveAsync(string host, CancellationToken cancellationToken) =>
        Task.FromResult(new ResolvedHost([HostName.Normalize(host), .. aliases], [IPAddress.Parse("10.0.1.2")]));
}
