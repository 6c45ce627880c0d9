using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace RdsTunnel.Emulator.Signing;

/// <summary>Every secret that has left in an answer: what a test must find nowhere in what a client writes. Thread-safe.</summary>
internal sealed class SecretsGivenOut
{
    private static readonly HashSet<string> Names =
    [
        "accessToken",
        "refreshToken",
        "clientSecret",
        "deviceCode",
        "secretAccessKey",
        "sessionToken",
        "SecretAccessKey",
        "SessionToken",
        "TokenValue",
        "SecretString",
    ];

    private readonly ConcurrentDictionary<string, bool> _values = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Values => [.. _values.Keys];

    public void Note(JsonObject answer)
    {
        foreach (var (name, value) in answer)
        {
            if (value is JsonObject inner)
            {
                Note(inner);
            }
            else if (Names.Contains(name) && value is JsonValue text && text.TryGetValue(out string? secret))
            {
                _values[secret] = true;
            }
        }
    }
}
