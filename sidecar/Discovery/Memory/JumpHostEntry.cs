using System.Text.Json.Serialization;

namespace RdsTunnel.Discovery.Memory;

/// <param name="Profile">Empty when none was named.</param>
/// <param name="Host">Normalized.</param>
internal sealed record DatabaseKey(string Profile, string Region, string Host, int Port);

/// <param name="Target">Null when a choice was taken back.</param>
internal sealed record JumpHostEntry(DatabaseKey Key, string? Target, bool IsChosen, DateTimeOffset At);

/// <summary>The file's own shape. Anything in it may be missing: it is checked when it is read.</summary>
internal sealed record JumpHostDocument(IReadOnlyList<JumpHostLine?>? JumpHosts);

internal sealed record JumpHostLine(
    string? Profile,
    string? Region,
    string? Host,
    int Port,
    string? Target,
    bool IsChosen,
    DateTimeOffset At
);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(JumpHostDocument))]
internal sealed partial class JumpHostJson : JsonSerializerContext;
