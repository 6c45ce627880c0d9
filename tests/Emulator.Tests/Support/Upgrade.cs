using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Tests.Support;

/// <summary>How a peer asks for its websocket.</summary>
internal sealed record Upgrade
{
    public const string UsualVersion = "1.2.896.0";

    public bool IsSigned { get; init; } = true;

    public EmulatedCredential Credential { get; init; } = EmulatedCredential.Default;

    public DateTimeOffset Time { get; init; } = TimeProvider.System.GetUtcNow();

    public string RegionAndService { get; init; } = "us-east-1/ssmmessages";

    /// <summary>A header that is sent but not signed.</summary>
    public string? LeftOut { get; init; }

    public string ClientVersion { get; init; } = UsualVersion;

    public IReadOnlyDictionary<string, string> HeadersFor(Uri url) =>
        IsSigned
            ? RequestSigner.HeadersOf("GET", url, [], [], RegionAndService, Credential, Time, LeftOut)
            : new Dictionary<string, string>();
}
