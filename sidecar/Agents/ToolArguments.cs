using System.Text.Json;
using RdsTunnel.Faults;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Agents;

/// <summary>What an agent gave a tool. Everything wrong with it is told in our own words.</summary>
public sealed class ToolArguments(IEnumerable<KeyValuePair<string, JsonElement>> values)
{
    private readonly Dictionary<string, JsonElement> _values = new(
        values.Where(each => each.Value.ValueKind is not JsonValueKind.Null),
        StringComparer.Ordinal
    );

    /// <exception cref="AgentException">There is another one: a misspelt name must not pass for one that was left out.</exception>
    public void Allow(params ReadOnlySpan<string> names)
    {
        foreach (var name in _values.Keys)
        {
            if (!names.Contains(name))
            {
                throw AgentException.Invalid(
                    $"There is no argument \"{ForeignText.Quote(name, maxChars: 40)}\". Allowed: {string.Join(", ", names.ToArray())}."
                );
            }
        }
    }

    /// <exception cref="AgentException">It is no text.</exception>
    public string? Text(string name) =>
        !_values.TryGetValue(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String && TryGetString(value) is { } text ? text
        : throw AgentException.Invalid($"{name} must be a string.");

    /// <exception cref="AgentException">It is missing, or no text.</exception>
    public string RequiredText(string name) =>
        Text(name) is { Length: > 0 } text ? text : throw AgentException.Invalid($"{name} is missing.");

    /// <exception cref="AgentException">It is no whole number.</exception>
    public int? Number(string name) =>
        !_values.TryGetValue(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw AgentException.Invalid($"{name} must be a whole number.");

    /// <exception cref="AgentException">It is neither.</exception>
    public bool Flag(string name) =>
        _values.TryGetValue(name, out var value)
        && (
            value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? value.GetBoolean()
                : throw AgentException.Invalid($"{name} must be true or false.")
        );

    /// <summary>The database that is meant, and how to reach it.</summary>
    /// <exception cref="AgentException">It is invalid, or is the jump host itself.</exception>
    public TunnelRequest Tunnel()
    {
        var given = new OpenTunnelParams(
            Number("port") ?? throw AgentException.Invalid("port is missing."),
            Text("target"),
            RequiredText("host"),
            Profile: Text("profile"),
            Region: Text("region"),
            OpenNow: true,
            Login: Text("login"),
            User: Text("user"),
            SecretId: Text("secretId")
        );
        return given.Read(out var request) is { } problem ? throw AgentException.Invalid($"{problem.Field} {problem.Problem}.")
            : request.Host is null
                ? throw AgentException.Invalid("host must be a database's. Agents can't open ports of the jump host itself.")
            : request;
    }

    // Half of a surrogate pair is no text.
    private static string? TryGetString(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
