using RdsTunnel.Aws;

namespace RdsTunnel.Tunnels.Tests.Support;

/// <summary>A person who always has the same code.</summary>
internal sealed class FakeMfaCodes(string code = "123456") : IMfaCodes
{
    public List<string> Asked { get; } = [];

    public Task<string> AskAsync(string profile, string serialNumber, CancellationToken cancellationToken)
    {
        Asked.Add(serialNumber);
        return Task.FromResult(code);
    }
}
